import type { Changelog } from '../service/changelog.ts';

/** Where a partition's findings and pending alerts are kept: a changelog topic, or a file (`alert-state-file.ts`). */
export type AlertState = Pick<Changelog, 'restore' | 'write'>;
