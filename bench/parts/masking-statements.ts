/** Statements as applications send them, made from a seed: the literals of each differ, the texts repeat. */
let random = 1;
function number(below: number): number {
  random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
  return random % below;
}

const word = () => (number(1 << 30) + (1 << 24)).toString(36);
const rows = (count: number) =>
  Array.from({ length: count }, () => `(${number(1e6)},'${word()} ${word()}',NULL,${number(999)}.5)`).join(',');
const KINDS: Record<string, () => string> = {
  point_select: () => `SELECT c FROM sbtest${number(8)} WHERE id=${number(1e6)}`,
  range_select: () =>
    `SELECT SUM(k) FROM sbtest1 WHERE id BETWEEN ${number(1e6)} AND ${number(1e6)} ORDER BY c LIMIT 100`,
  update: () =>
    `UPDATE accounts SET balance = balance - ${number(999)}, note = 'to ${word()}' WHERE id = ${number(1e6)}`,
  insert: () =>
    `INSERT INTO orders (id, customer, note, total, at) VALUES (${number(1e6)}, '${word()}', '${word()} it\\'s', ${number(1e5)}.25, NOW())`,
  orm_join: () =>
    `SELECT \`User\`.\`id\`, \`User\`.\`name\`, \`User\`.\`email\`, \`posts\`.\`id\` AS \`posts.id\`, \`posts\`.\`title\` AS \`posts.title\` FROM \`Users\` AS \`User\` LEFT OUTER JOIN \`Posts\` AS \`posts\` ON \`User\`.\`id\` = \`posts\`.\`userId\` WHERE (\`User\`.\`email\` = '${word()}@example.org' AND \`User\`.\`active\` = true) ORDER BY \`User\`.\`id\` ASC LIMIT ${number(100)}, 20`,
  long_list: () => `SELECT * FROM t WHERE id IN (${Array.from({ length: 500 }, () => number(1e6)).join(', ')})`,
  bulk_insert: () => `INSERT INTO t (a, b, c, d) VALUES ${rows(200)}`,
  report: () =>
    `SELECT c.country, DATE_FORMAT(o.at, '%Y-%m') AS month, COUNT(*) AS n, SUM(o.total) AS total\n  FROM orders o\n  JOIN customers c ON c.id = o.customer -- by country\n WHERE o.at >= '${2000 + number(26)}-01-01' AND c.segment IN ('${word()}', '${word()}', '${word()}')\n   AND o.note NOT LIKE '%${word()}%' AND o.total BETWEEN ${number(99)} AND ${number(1e5)}.5\n GROUP BY 1, 2 HAVING n > ${number(50)}\n ORDER BY total DESC LIMIT ${number(100)}`,
  session: () =>
    ['COMMIT', `SET NAMES utf8mb4`, `SET @trace = '${word()}'`, 'START TRANSACTION', `USE shop${number(4)}`][
      number(5)
    ]!,
  blob: () => `INSERT INTO files VALUES (${number(1e6)}, '${'0123456789abcdef'.repeat(512)}')`,
};

/** What an application sends all day: equal parts of these, in turn. */
const OLTP = ['point_select', 'range_select', 'insert', 'update', 'orm_join'];
/** Of 100 statements of the mix, how many are of each kind. */
const MIX: Record<string, number> = {
  point_select: 30,
  range_select: 10,
  update: 12,
  insert: 15,
  orm_join: 12,
  report: 8,
  session: 11,
  long_list: 1,
  bulk_insert: 1,
};

/** Sets by name: two mixes, then each kind alone. */
export function statementSets(): Map<string, readonly string[]> {
  const made = new Map(
    Object.entries(KINDS).map(([name, make]) => {
      const count = name === 'bulk_insert' || name === 'blob' ? 100 : 2000;
      return [name, Array.from({ length: count }, make)] as const;
    }),
  );
  const oltp = Array.from(
    { length: 10_000 },
    (_, n) => made.get(OLTP[n % OLTP.length]!)![Math.floor(n / OLTP.length)]!,
  );
  const order = Object.entries(MIX).flatMap(([name, count]) => Array.from({ length: count }, () => name));
  const mixed = Array.from({ length: 5000 }, (_, n) => {
    const set = made.get(order[(n * 37) % order.length]!)!;
    return set[n % set.length]!;
  });
  return new Map<string, readonly string[]>([['oltp_mix', oltp], ['mixed', mixed], ...made]);
}
