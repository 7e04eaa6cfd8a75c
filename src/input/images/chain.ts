/** Which of the reported images are disks, and which lie below another: only a report that says so makes a chain. */
import { plainName } from './file-name.js';
import type { ReportedImage } from './image.js';

/** The images of one disk, from the top down. */
export type Chain = readonly ReportedImage[];

/** For each image the one below it in the list: the next of that name, else any, the shared base of two tops included. */
function links(images: readonly ReportedImage[]): ReadonlyMap<ReportedImage, ReportedImage> {
  const found = new Map<ReportedImage, ReportedImage>();
  const claimed = new Set<ReportedImage>();
  for (const [i, image] of images.entries()) {
    if (image.backs === undefined) continue;
    const wanted = plainName(image.backs);
    const named = [...images.slice(i + 1), ...images.slice(0, i)].filter(
      (other) => plainName(other.file) === wanted,
    );
    const below = named.find((other) => !claimed.has(other)) ?? named[0];
    if (below === undefined) continue;
    found.set(image, below);
    claimed.add(below);
  }
  return found;
}

/** The images, each as often as it stands on top of none of the others, with what lies below it. */
export function chainsOf(images: readonly ReportedImage[]): readonly Chain[] {
  const below = links(images);
  const lower = new Set(below.values());
  return images
    .filter((image) => !lower.has(image))
    .map((top) => {
      const chain: ReportedImage[] = [];
      for (
        let next: ReportedImage | undefined = top;
        next && !chain.includes(next);
        next = below.get(next) ?? next.below
      )
        chain.push(next);
      return chain;
    });
}
