import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeProfile, profileCodec } from '../../../src/profiles/profile.js';

it('the example of a profile in docs/, which 0.1.0 wrote, is read, and written as this version writes it', () => {
  const text = readFileSync(join(__dirname, '../../../docs/example-profile.json'), 'utf8');
  const profile = decodeProfile(JSON.parse(text), 'profile');
  expect(profile.machine.engineVersion).toBe('0.1.0');
  expect(profile.measurements[0]?.conditions).toEqual({
    allowedCores: 2,
    kernel: '6.18.44-fc-v657',
    nodeVersion: '20.20.2',
    onnxruntimeVersion: '1.30.0',
    pytorch: null,
    gpus: [],
    engineVersion: '0.1.0',
  });
  const upgraded = text
    .replace('"schema_version": 1', '"schema_version": 2')
    .replaceAll(/("max_size": [^,\s]+)/g, '$1, "aux_loss": null')
    .replaceAll(
      /("other_load_percent": [^,\s]+)/g,
      '$1, "stolen_percent": null, "throttled_percent": null, "heat_slowdowns": null',
    );
  expect(profileCodec.encode(profile)).toMatchObject(JSON.parse(upgraded) as object);
  expect(decodeProfile(profileCodec.encode(profile), 'profile')).toEqual(profile);
});
