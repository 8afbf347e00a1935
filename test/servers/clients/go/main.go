// go-sql-driver: text, prepared and interpolated statements. Arguments: DSN parameters, file for LOAD DATA LOCAL.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func drain(rows *sql.Rows, err error) {
	if err != nil {
		return
	}
	for more := true; more; more = rows.NextResultSet() {
		for rows.Next() {
		}
	}
	rows.Close()
}

func main() {
	dsn := fmt.Sprintf("app:app-pass@tcp(%s:%s)/shop?maxAllowedPacket=0&multiStatements=true&%s", os.Getenv("DB_HOST"), os.Getenv("DB_PORT"), os.Args[1])
	db, err := sql.Open("mysql", dsn)
	must(err)
	db.SetMaxOpenConns(3)
	for i := 0; i < 100; i++ {
		drain(db.Query("SELECT name FROM items WHERE id = ? AND name <> ?", i, "it's"))
	}
	statement, err := db.Prepare("INSERT INTO items (name, price, made, ratio, amount, data) VALUES (?, ?, ?, ?, ?, ?)")
	must(err)
	made := time.Date(2024, 2, 29, 23, 59, 58, 123456000, time.UTC)
	for i := 0; i < 50; i++ {
		_, err = statement.Exec(fmt.Sprintf("go %d", i), "12.5000", made, 2.5, uint64(18446744073709551615), []byte("plain"))
		must(err)
	}
	_, err = statement.Exec(nil, nil, nil, nil, nil, nil)
	must(err)
	must(statement.Close())
	tx, err := db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: false})
	must(err)
	_, err = tx.Exec("UPDATE items SET price = ? WHERE id = ?", 3, 4)
	must(err)
	must(tx.Rollback())
	drain(db.Query("SELECT * FROM missing WHERE id = ?", 1))
	drain(db.Query("SELECT 1; SELECT 2; SELECT 'three'"))
	drain(db.Query("CALL several(5, @b)"))
	must(db.Ping())
	mysql.RegisterLocalFile(os.Args[2])
	_, err = db.Exec("LOAD DATA LOCAL INFILE '" + os.Args[2] + "' INTO TABLE lines_in (line)")
	must(err)
	drain(db.Query("SELECT LENGTH('" + strings.Repeat("z", 17*1024*1024) + "')"))
	must(db.Close())
}
