import { list, object, text } from '../common/codec.js';
import type { MergeOutcome } from './profiles.repository.js';

/** What became of a profile that was sent to be taken in. */
interface ImportOutcome extends MergeOutcome {
  readonly machine: string;
  readonly architecture: string;
  readonly href: string;
}

export const importOutcomeCodec = object<ImportOutcome>({
  machine: text(
    'Id of the machine that the measurements belong to now: as in the profile, or that of this machine where it made ' +
      'them before it was given its present id.',
  ),
  architecture: text("torchvision's name."),
  href: text('Where the whole profile is.'),
  added: list(text(), 'Ids of the measurements that were not kept before.'),
  known: list(text(), 'Ids of those that were, with the same content.'),
  different: list(text(), 'Ids of those that were, with another content, which stays as it was.'),
});
