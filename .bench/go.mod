module github.com/offlane/offlane/bench

go 1.26.0

require (
	github.com/offlane/offlane v0.0.0
	golang.org/x/image v0.47.0
)

require (
	github.com/boombuler/barcode v1.1.0 // indirect
	github.com/makiuchi-d/gozxing v0.1.1 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/xerrors v0.0.0-20200804184101-5ec99f83aff1 // indirect
)

replace github.com/offlane/offlane => ../
