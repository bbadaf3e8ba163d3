import { nullable, nullWhereMissing, object, text } from '../common/codec.js';

/** What a Python was found to have. */
export interface PyTorchVersions {
  readonly python: string;
  readonly torch: string;
  readonly torchvision: string;
  /** That torch was built with; null where it was built without, and in files of version 0.6 and earlier. */
  readonly cuda: string | null;
}

/** What a Python tells of itself; one that computes on no GPU need not speak of CUDA. */
export const versionsCodec = object<PyTorchVersions>({
  python: text(),
  torch: text(),
  torchvision: text(),
  cuda: nullWhereMissing(nullable(text('That torch was built with; null where it was built without.'))),
});

/** Null where there is no such Python, and in files of version 0.6 and earlier. */
export const pytorchVersionsCodec = nullWhereMissing(nullable(versionsCodec));
