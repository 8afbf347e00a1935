// Hot path
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { type FeatureSet, NO_FEATURES } from '../../../schemas/feature-set.ts';
import type { SqlText } from '../../../schemas/sql-text.ts';
import type { Statement } from '../../../schemas/statement.ts';
import { clientCharset } from '../../mask/client-charset.ts';
import type { FeatureSource } from '../../mask/mask.ts';
import { FeaturePass } from './feature-pass.ts';
import { isOrdinary } from './prescan.ts';
import { responseFeatures } from './response-features.ts';

/** Digests whose features are kept. */
const MOST_KEPT = 65_536;

/**
 * The features of statements and events. What follows from a statement's masked text is worked out once for its digest; a text with
 * comments, odd quotes or strings like attempts, and one whose literals matter, each time anew. So the same event always has the same
 * features, whatever was seen before it.
 */
export class FeatureReader implements FeatureSource {
  /** Statements looked at; of these, without their end, and without their beginning, which says nothing. A prepared one counts once. */
  readonly counts = { statements: 0, cutStatements: 0, headlessStatements: 0 };
  private readonly pass = new FeaturePass();
  private readonly kept = new Map<string, FeatureSet>();

  ofStatement(sql: SqlText, statement: Statement, isExact: boolean): FeatureSet {
    this.counts.statements++;
    if (sql.loss === 'head') {
      this.counts.headlessStatements++;
      return NO_FEATURES;
    }
    if (sql.loss === 'tail') this.counts.cutStatements++;
    const { bytes, start, end, mode } = sql;
    const isPlain = isExact && sql.loss === 'none' && isOrdinary(bytes, start, end);
    if (isPlain) {
      const known = this.kept.get(statement.digest);
      if (known !== undefined) return known;
    }
    const set = clientCharset(mode.charset);
    const isWhole = sql.loss === 'none';
    const features = this.pass.run(bytes, start, end, set, mode.noBackslashEscapes, mode.ansiQuotes, isWhole, isPlain);
    if (isPlain && this.pass.isOfShape) {
      if (this.kept.size >= MOST_KEPT) this.kept.clear();
      this.kept.set(statement.digest, features);
    }
    return features;
  }

  ofEvent(event: AuditEvent): FeatureSet {
    const ofStatement = event.sql?.features ?? NO_FEATURES;
    const { errorMessage, localInfileRequested } = event;
    if (errorMessage === null && !localInfileRequested) return ofStatement;
    return ofStatement.with(responseFeatures(event.errorCode, errorMessage, localInfileRequested));
  }
}
