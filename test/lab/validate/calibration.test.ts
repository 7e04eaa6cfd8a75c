import { expect, it } from 'vitest';
import { HOST_FIELDS, hostFrom } from '../../../src/input/models/host.js';
import { loadPreset } from '../../../src/input/presets.js';
import { readFields } from '../../../src/input/values/fields.js';
import { LAB_HOST } from '../../../src/lab/validate/calibration.js';

it("the lab's own time is that of its preset, but for what the rows have taken off", async () => {
  const { layer } = await loadPreset('host', 'lab', 'test');
  const preset = hostFrom(readFields(HOST_FIELDS, [layer], 'lab'), LAB_HOST.name);
  const takenOff = { perPageNs: 0, perZeroPageNs: 0, stopNs: 0, deviceStateNs: 0, startNs: 0 };
  expect(LAB_HOST).toEqual({ ...preset, ...takenOff });
});
