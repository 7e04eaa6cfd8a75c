import { expect, it } from 'vitest';
import { loadPreset } from '../../../src/input/presets.js';
import { readSpec } from '../../../src/input/values/fields.js';
import { LAB_HOST } from '../../../src/lab/validate/calibration.js';
import { HOST } from '../../../src/sim/parameters/host.js';

it("the lab's own time is that of its preset, but for what the rows have taken off", async () => {
  const { layer } = await loadPreset('host', 'lab', 'test');
  const preset = { name: LAB_HOST.name, ...readSpec(HOST, [layer], 'lab') };
  const takenOff = { perPageNs: 0, perZeroPageNs: 0, stopNs: 0, deviceStateNs: 0, startNs: 0 };
  expect(LAB_HOST).toEqual({ ...preset, ...takenOff });
});
