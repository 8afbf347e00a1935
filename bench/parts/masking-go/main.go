// Speed of two well-known Go tools on the statements of a file: for each set, MB/s and statements/s of CPU time on one core.
//
//	go run . FILE SECONDS
//
// FILE: per line a set's name, a tab, and a statement with \n, \t and \\ escaped. Prints JSON {tool: {set: [MB/s, statements/s]}}.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	sqllexer "github.com/DataDog/go-sqllexer"
	"github.com/percona/go-mysql/query"
)

const rounds = 9

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func read(path string) (names []string, sets map[string][]string) {
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	sets = map[string][]string{}
	unescape := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t")
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		name, sql, _ := strings.Cut(lines.Text(), "\t")
		if _, known := sets[name]; !known {
			names = append(names, name)
		}
		sets[name] = append(sets[name], unescape.Replace(sql))
	}
	return names, sets
}

// The median of the rounds.
func speed(set []string, seconds float64, mask func(string)) [2]float64 {
	bytes := 0
	for _, sql := range set {
		bytes += len(sql)
		mask(sql)
	}
	speeds := make([]float64, 0, rounds)
	for range rounds {
		times := 0
		elapsed := 0.0
		for start := cpuTime(); elapsed < seconds/rounds; elapsed = (cpuTime() - start).Seconds() {
			for _, sql := range set {
				mask(sql)
			}
			times++
		}
		speeds = append(speeds, float64(times)/elapsed)
	}
	sort.Float64s(speeds)
	median := speeds[rounds/2]
	return [2]float64{median * float64(bytes) / 1e6, median * float64(len(set))}
}

func main() {
	// The garbage collector may not use a second core: its time counts all the same.
	runtime.GOMAXPROCS(1)
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	if err != nil {
		panic(err)
	}
	names, sets := read(os.Args[1])
	obfuscator := sqllexer.NewObfuscator(sqllexer.WithReplaceDigits(true))
	normalizer := sqllexer.NewNormalizer(sqllexer.WithCollectTables(true), sqllexer.WithCollectCommands(true))
	tools := map[string]func(string){
		"go-sqllexer": func(sql string) {
			if _, _, err := sqllexer.ObfuscateAndNormalize(sql, obfuscator, normalizer, sqllexer.WithDBMS(sqllexer.DBMSMySQL)); err != nil {
				panic(err)
			}
		},
		"go-mysql": func(sql string) { query.Fingerprint(sql) },
	}
	results := map[string]map[string][2]float64{}
	for tool, mask := range tools {
		results[tool] = map[string][2]float64{}
		for _, name := range names {
			results[tool][name] = speed(sets[name], seconds, mask)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}
