import { nullable, nullWhereMissing, object, text } from '../common/codec.js';

/** What a Python was found to have. */
export interface PyTorchVersions {
  readonly python: string;
  readonly torch: string;
  readonly torchvision: string;
}

const versionsCodec = object<PyTorchVersions>({ python: text(), torch: text(), torchvision: text() });

/** Null where there is no such Python, and in files of version 0.6 and earlier. */
export const pytorchVersionsCodec = nullWhereMissing(nullable(versionsCodec));
