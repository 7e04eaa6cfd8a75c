/** Texts about disks that are not what `--image` reads: what each is, and the command that makes what is read. */
import { InputError } from '../../base/errors.js';
import type { Tree } from '../../base/tree.js';
import { WHAT } from './image.js';

const INFO = 'qemu-img info -U --output=json IMAGE';
const OF_DOMAIN =
  'virsh qemu-monitor-command DOMAIN \'{"execute":"query-named-block-nodes"}\' shows the disks of a running VM, ' +
  `${INFO} those of a stopped one`;

const TEXTS: readonly (readonly [RegExp, string])[] = [
  [
    /Failed to get shared "?write"? lock|Is another process using the image/,
    `the message of qemu-img that it cannot open the image while a VM runs: ${INFO}`,
  ],
  [/^qemu-img: /m, `an error message of qemu-img; what is read comes from ${INFO}`],
  [/^image: .*\n(.*\n)*?file format: /m, `qemu-img info for people, whose JSON is what is read: ${INFO}`],
  [
    /^Offset\s+Length\s+Mapped to/m,
    'qemu-img map for people, whose JSON is what is read, beside that of qemu-img info: qemu-img map -U --output=json IMAGE',
  ],
  [
    /^required size: \d+/m,
    'qemu-img measure for people, whose JSON is what is read, beside that of qemu-img info: qemu-img measure --output=json',
  ],
  [
    /^No errors were found on the image|^\d+\/\d+ = [\d.]+% allocated/m,
    'qemu-img check for people, whose JSON is what is read, beside that of qemu-img info: qemu-img check -U --output=json IMAGE',
  ],
  [
    /^\s*Target\s+Capacity\s+Allocation\s+Physical/m,
    `virsh domblkinfo, which has sizes and no bitmaps: ${OF_DOMAIN}`,
  ],
  [
    /^\s*(Type\s+Device\s+)?Target\s+Source/m,
    `virsh domblklist, which names disks and has no bitmaps: ${OF_DOMAIN}`,
  ],
  [
    /^(scsi|virtio|sata|ide)\d+: [\w-]+:.*size=/m,
    `the configuration of a Proxmox VM, which names disks and has no bitmaps: ${INFO}, or query-named-block-nodes by QMP`,
  ],
  [/<volume\b[^>]*type=/, `the XML of a libvirt volume, which has sizes and no bitmaps: ${INFO}`],
  [/^Capacity:\s.*\nAllocation:/m, `virsh domblkinfo, which has sizes and no bitmaps: ${OF_DOMAIN}`],
  [
    /^Domain: .*\n(.*\n)*?\s*block\.count=/m,
    `virsh domstats, which counts requests and has no bitmaps: ${OF_DOMAIN}`,
  ],
  [
    /<domaincheckpoint>|<domainbackup\b/,
    `the XML of a libvirt checkpoint, which names bitmaps and has no sizes: ${OF_DOMAIN}`,
  ],
  [/<domain\b[^>]*type=/, `the XML of a libvirt domain, which names disks and has no bitmaps: ${OF_DOMAIN}`],
  [
    /^(drive|libvirt|#block)[\w-]*.*: .*\((qcow2|raw|throttle)/m,
    `"info block" of the monitor, which has no bitmaps: ${OF_DOMAIN}`,
  ],
];

/** Names of disks in a configuration of Proxmox. */
const PROXMOX_DISK = /^(scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/;

/** Platforms' own words about disks, as JSON: each has keys that no report of QEMU has. */
const DOCUMENTS: readonly (readonly [shows: (tree: Tree) => boolean, what: string])[] = [
  [
    (tree) => 'apiVersion' in tree && 'kind' in tree,
    `a Kubernetes object (KubeVirt), which names disks and has no bitmaps: in the virt-launcher pod, ${OF_DOMAIN}`,
  ],
  [
    (tree) => 'voltype' in tree || ('truesize' in tree && 'capacity' in tree),
    `what vdsm (oVirt) says of a volume, which has sizes and no bitmaps: ${OF_DOMAIN}`,
  ],
  [
    (tree) =>
      Object.entries(tree).some(([key, value]) => PROXMOX_DISK.test(key) && /^[\w-]+:/.test(String(value))),
    `the configuration of a Proxmox VM, which names disks and has no bitmaps: ${INFO}, or query-named-block-nodes by QMP`,
  ],
  [
    (tree) => 'block_name_prefix' in tree || 'object_size' in tree,
    `what rbd info says of an RBD image, which keeps no persistent bitmaps itself; a qcow2 image on it: ${INFO}`,
  ],
  [(tree) => 'report' in tree, `a report of LVM, which knows no bitmaps; a qcow2 image on a volume: ${INFO}`],
  [
    (tree) => 'attachments' in tree || 'volume_type' in tree || 'availability_zone' in tree,
    `what OpenStack says of a volume, which has a size and no bitmaps: ${OF_DOMAIN}`,
  ],
];

/** What a JSON object is that is no report of QEMU; undefined where nobody knows. */
export function otherDocument(tree: Tree): string | undefined {
  return DOCUMENTS.find(([shows]) => shows(tree))?.[1];
}

/** The error for a text without JSON, naming what it is where that is known. */
export function refuseText(text: string, where: string): never {
  const known = TEXTS.find(([look]) => look.test(text))?.[1];
  throw new InputError(
    known === undefined ? `${where}: not JSON, so not ${WHAT}` : `${where}: not JSON, but ${known}`,
  );
}

/** The error for a file that is no text: most often the image itself. */
export function refuseImageItself(path: string, where: string): never {
  throw new InputError(
    `${where}: a qcow2 image itself; give what qemu-img info -U --output=json ${path} prints`,
  );
}
