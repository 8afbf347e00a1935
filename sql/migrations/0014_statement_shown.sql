-- What the masking policy shows of a statement, where that is more than its masked text: it differs from event to event, while
-- `statements` has one text per digest.
ALTER TABLE audit_events ADD COLUMN IF NOT EXISTS statement_shown String DEFAULT '' CODEC(ZSTD(3)) AFTER query_attributes
