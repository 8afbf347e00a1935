import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { HOSTS, login, PASSWORDS, SERVER } from './hosts.ts';

/** Invented people; the card numbers are the well-known test numbers. Nothing of this may survive masking. */
export const CUSTOMERS = [
  { name: 'Mira Okonkwo', email: 'mira.okonkwo@mail.example', card: '4111111111111111', street: 'Kanaalkade 17' },
  { name: 'Jonas Lindqvist', email: 'jonas.lindqvist@mail.example', card: '5500005555555559', street: 'Hamngatan 4' },
  { name: 'Petra Havlova', email: 'petra.havlova@mail.example', card: '4012888888881881', street: 'Lipova 23' },
  { name: 'Diego Ferrand', email: 'diego.ferrand@mail.example', card: '371449635398431', street: 'Rua do Sol 88' },
  { name: "Aiko O'Tanabe", email: 'aiko.otanabe@mail.example', card: '6011111111111117', street: 'Satamakatu 6' },
  { name: 'Lea Brandt', email: 'lea.brandt@mail.example', card: '3530111333300000', street: 'Feldweg 12' },
] as const;
type Customer = (typeof CUSTOMERS)[number];

/** The password that the admin gives a new account and the ones that are tried in vain. */
export const SPOKEN_PASSWORDS = ['n3w-4nalyst', 'letmein-2024', 'tearoom123'] as const;
export const PHONE = '+32 470 555 0142';

/** The time a person takes between two clicks. */
const pause = () => sleep(150);

/** A web server: customers sign up, browse with prepared statements and buy in transactions. */
export async function webServer(host: 'web1' | 'web2', customers: readonly Customer[], visits: number): Promise<void> {
  const db = await login(host, 'shop_app', 'shop-web', { database: 'shop' });
  for (const customer of customers) await signUp(db, customer);
  for (let visit = 0; visit < visits; visit++) await shopping(db, customers[visit % customers.length]!, visit * 7);
  await db.end();
}

async function signUp(db: Connection, customer: Customer): Promise<void> {
  await db.query('INSERT INTO customers (email, name, password_hash, city) VALUES (?, ?, MD5(?), ?)', [
    customer.email,
    customer.name,
    `${customer.name}-secret`,
    'Ghent',
  ]);
}

async function shopping(db: Connection, customer: Customer, seed: number): Promise<void> {
  const [found] = await db.query('SELECT id, name FROM customers WHERE email = ? AND password_hash = MD5(?)', [
    customer.email,
    `${customer.name}-secret`,
  ]);
  const id = (found as { id: number }[])[0]!.id;
  const products = [0, 11, 23].map((step) => 1 + ((seed + step) % 120));
  for (const product of products) {
    await db.execute('SELECT id, name, price, stock FROM products WHERE id = ?', [product]);
    await pause();
  }
  await db.query('SELECT id, name, price FROM products WHERE id IN (?)', [[...products, 119, 120]]);
  for (const product of products) {
    await db.execute(
      'INSERT INTO cart_items (customer_id, product_id, quantity) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE quantity = quantity + 1',
      [id, product, 2],
    );
  }
  await pause();
  await db.query('BEGIN');
  const [order] = await db.execute(
    'INSERT INTO orders (customer_id, total, state, placed_at) VALUES (?, ?, ?, NOW(3))',
    [id, '27.90', 'paid'],
  );
  const orderId = (order as { insertId: number }).insertId;
  await db.query('INSERT INTO order_items (order_id, product_id, quantity, price) VALUES ?', [
    products.map((product) => [orderId, product, 2, '4.65']),
  ]);
  for (const product of products) await db.execute('UPDATE products SET stock = stock - ? WHERE id = ?', [2, product]);
  await db.query('INSERT INTO payments (order_id, card_holder, card_number, amount) VALUES (?, ?, ?, ?)', [
    orderId,
    customer.name,
    customer.card,
    '27.90',
  ]);
  if (seed === 21) {
    // A double click on "pay": the second payment of the order is a duplicate, the shop gives up the transaction.
    await failing(
      db.query('INSERT INTO payments (order_id, card_holder, card_number, amount) VALUES (?, ?, ?, ?)', [
        orderId,
        customer.name,
        customer.card,
        '27.90',
      ]),
    );
    await db.query('ROLLBACK');
    return;
  }
  await db.query('DELETE FROM cart_items WHERE customer_id = ?', [id]);
  await db.query('COMMIT');
  await pause();
}

/** The background worker: picks paid orders and ships them, all with prepared statements. */
export async function worker(rounds: number): Promise<void> {
  const db = await login('worker', 'shop_worker', 'shop-worker', { database: 'shop' });
  const ship = await db.prepare('UPDATE orders SET state = ? WHERE id = ?');
  for (let round = 0; round < rounds; round++) {
    await db.query('START TRANSACTION');
    const [rows] = await db.execute('SELECT id, customer_id FROM orders WHERE state = ? LIMIT 1 FOR UPDATE', ['paid']);
    const order = (rows as { id: number }[])[0];
    if (order !== undefined) {
      await db.execute('INSERT INTO shipments (order_id, address, sent_at) VALUES (?, ?, ?)', [
        order.id,
        CUSTOMERS[round % CUSTOMERS.length]!.street,
        new Date(Date.UTC(2024, 4, 1 + round)),
      ]);
      await ship.execute(['shipped', order.id]);
    }
    await db.query('COMMIT');
    await db.ping();
    await sleep(500);
  }
  await ship.close();
  await db.end();
}

/** An analyst in the office: large results, totals, typing mistakes, another schema. */
export async function reporting(): Promise<void> {
  const db = await login('office', 'reporting', 'spreadsheet', { database: 'shop' });
  await db.query('SELECT state, COUNT(*) AS orders, SUM(total) AS total FROM orders GROUP BY state');
  await db.query(
    "SELECT c.city, SUM(o.total) AS total FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.placed_at >= '2024-01-01' GROUP BY c.city",
  );
  await db.query('SELECT id, name, stock FROM products');
  await db.query("SELECT name, email FROM customers WHERE city = 'Ghent' ORDER BY name");
  await failing(db.query('SELECT * FROM order_totals WHERE year = 2024'));
  await failing(db.query("SELEC name FROM products WHERE name = 'Tea no. 7'"));
  await failing(db.query("DELETE FROM orders WHERE state = 'paid'"));
  await db.query('USE shop_archive');
  await db.query('SELECT id, total FROM orders_2023 WHERE total > 3');
  const [row] = await db.execute('SELECT COUNT(*) AS n FROM orders_2023 WHERE total BETWEEN ? AND ?', [10.5, 200]);
  if ((row as { n: number }[])[0]!.n === 0) throw new Error('the archive is empty');
  await db.end();
}

/** Someone types SQL into the login and search forms of the shop. The web server builds those two statements by hand. */
export async function injection(): Promise<void> {
  const db = await login('web2', 'shop_app', 'shop-web', { database: 'shop' });
  const loginForm = (email: string) =>
    db.query(
      `SELECT id, name FROM customers WHERE email = '${email}' AND password_hash = MD5('${SPOKEN_PASSWORDS[2]}')`,
    );
  const searchForm = (text: string) =>
    db.query(`SELECT name, price FROM products WHERE name LIKE '%${text}%' LIMIT 20`);
  await searchForm('green');
  await pause();
  await failing(loginForm("'"));
  await loginForm("' OR '1'='1' -- ");
  await pause();
  await failing(searchForm("x' ORDER BY 9 -- "));
  await pause();
  await searchForm(
    "x' UNION SELECT table_name, table_schema FROM information_schema.tables WHERE table_schema = 'shop' -- ",
  );
  await searchForm("x' UNION SELECT card_holder, card_number FROM payments -- ");
  await searchForm("no. 120' AND SLEEP(0.4) -- ");
  await failing(searchForm("x' UNION SELECT user, authentication_string FROM mysql.user -- "));
  await db.end();
}

/** A host that nobody knows tries passwords. */
export async function passwordGuessing(): Promise<void> {
  for (const user of ['dba', 'reporting', 'dba', 'shop_app', 'dba', 'dba'] as const) {
    await failing(login('stranger', user, 'scanner', { password: SPOKEN_PASSWORDS[1] }));
    await sleep(400);
  }
}

/** The administrator with the `mariadb` client, which changes the schema with a command of its own (COM_INIT_DB). */
export async function administration(): Promise<void> {
  const script = [
    'USE shop',
    'SHOW TABLES',
    `CREATE USER analyst IDENTIFIED BY '${SPOKEN_PASSWORDS[0]}'`,
    'GRANT SELECT ON shop.* TO analyst',
    'ALTER TABLE customers ADD COLUMN phone VARCHAR(20) NULL',
    `UPDATE customers SET phone = '${PHONE}' WHERE id = 3`,
    'USE shop_archive',
    'DELETE FROM orders_2023 WHERE id <= 10',
    'SELECT COUNT(*) FROM orders_2023',
  ];
  const result = spawnSync(
    'mariadb',
    ['--no-defaults', '--protocol=tcp', `--host=${SERVER}`, '--user=dba', '--skip-ssl', '--batch'],
    { input: `${script.join(';\n')};\n`, env: { ...process.env, MYSQL_PWD: PASSWORDS.dba }, encoding: 'utf8' },
  );
  if (result.status !== 0) throw new Error(`the mariadb client failed: ${result.stderr}`);
  const db = await login('adminDesk', 'dba', 'admin-console');
  await db.query('SHOW FULL PROCESSLIST');
  await db.changeUser({ user: 'reporting', password: PASSWORDS.reporting, database: 'shop' });
  await db.query('SELECT COUNT(*) FROM payments');
  await db.reset();
  await db.query('SELECT CURRENT_USER()');
  await db.end();
}

async function failing(work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) throw new Error('a statement of the demo that must fail did not');
}

export const ADDRESSES: readonly string[] = [SERVER, ...Object.values(HOSTS)];
