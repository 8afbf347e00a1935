-- title: Twenty runs within a minute of one statement that compares a character of a sub-select
-- rule: sqli.boolean_blind
-- steps: 2
-- facts: command IN ('query', 'execute')
-- facts: AND statement_digest IN (SELECT digest FROM statements WHERE match(masked, '(?is)\\b(ord|ascii|mid|substr|substring|left|right|length|char_length|hex|unhex|conv|strcmp|locate|instr|position)\\s*\\(+\\s*(ifnull\\s*\\(\\s*)?(cast\\s*\\(\\s*)?(\\(\\s*)*select\\b.*(<|>|=|\\blike\\b|\\bbetween\\b|\\bin\\b|\\bregexp\\b|\\brlike\\b)'))
SELECT *
FROM
(
    SELECT *, countIf(age < 2) OVER w AS matched, countIf(age > 0) OVER w AS matched_before, countIf(age = 0) OVER w AS fresh
    FROM
    (
        SELECT *, arrayJoin(range(3)) AS age, toStartOfMinute(event_time) + toIntervalMinute(age) AS window_start
        FROM {facts}
    )
    WHERE window_start >= {first} AND window_start < {until}
    WINDOW w AS (PARTITION BY window_start, server_id, user_name, client_address, database_name, statement_digest)
)
WHERE fresh > 0 AND matched >= 20 AND age < if(matched_before >= 20, 1, 2)
