module masking

go 1.25

require (
	github.com/DataDog/go-sqllexer v0.2.6
	github.com/percona/go-mysql v0.0.0-20210427141028-73d29c6da78c
)
