"""PyMySQL with a character set of the command line: texts whose trail bytes are quotes' and backslashes' neighbours."""
import os, pymysql, sys

charset, text = sys.argv[1], sys.argv[2]
db = pymysql.connect(host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]), user="app", password="app-pass",
                     database="shop", ssl_disabled=True, charset=charset)
c = db.cursor()
for i in range(20):
    c.execute(f"SELECT '{text}', {i} /* {text} */")
c.execute("SET NAMES utf8mb4")
db.close()
