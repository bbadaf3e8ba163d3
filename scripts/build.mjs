// `npm run build`: installs and builds what is missing.
import { prepare, service } from './prepare.mjs';

prepare(service);
