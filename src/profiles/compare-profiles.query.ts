import { NameField } from '../common/fields.js';

const FORM = '`machine/architecture` for a profile, `machine/architecture/measurement` for one measurement of it.';

/** Query of `GET /api/v1/profiles/compare`. */
export class CompareProfilesQuery {
  @NameField({
    maxLength: 302,
    description: `What is compared with: ${FORM}`,
    example: '3f9a1c0b7e52/ssdlite320_mobilenet_v3_large',
  })
  left!: string;

  @NameField({
    maxLength: 302,
    description: `What is compared: ${FORM}`,
    example: '91c0de77ab04/ssdlite320_mobilenet_v3_large',
  })
  right!: string;
}
