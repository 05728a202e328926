#!/bin/sh
# The scenario that every client runs, as calls of curl: scenario.sh URL TOKENFILE LABEL PASS PASS RECEIPT
set -eu
url=$1 label=$3 first=$4 second=$5 receipt=$6
token=$(cat "$2")
sale='{"currency":"EUR","lines":[{"id":"1","amount":350}]}'

# call NAME BODY prints the status and the answer.
call() {
	curl -sS --max-time 90 -w '\n%{http_code}' "$url/v1/$1" -H "Authorization: Bearer $token" -H 'Offlane-Local: 1' \
		-H 'Accept-Language: de' -H 'Content-Type: application/json' -d "$2"
}

# expect TEXT NAME BODY makes a call whose answer or status has a text.
expect() {
	answer=$(call "$2" "$3")
	case $answer in
	*"$1"*) ;;
	*) echo "$2: no $1 in $answer" >&2; exit 1 ;;
	esac
}

# request PASS NUMBER is the body of a sale.
request() { printf '{"scanned":"%s","saleKey":"%s-%s","sale":%s,"shift":"%s"}' "$1" "$label" "$2" "$sale" "$label"; }

# tell has the test cut or mend the network.
tell() {
	echo "$1"
	read -r line
	[ "$line" = done ]
}

redemption() { printf '%s' "$answer" | sed -n 's/.*"redemption":"\([0-9a-f]*\)".*/\1/p'; }

expect 200 report '{"waitSeconds":60}' # enrols
expect '"enrolled":true' status '{}'
expect '"amount":100' check "$(request "$first" 1)"

tell offline
expect '"outcome":"allow"' redeem "$(request "$first" 1)"
done=$(redemption)
expect '"again":true' redeem "$(request "$first" 1)"
[ "$(redemption)" = "$done" ]
expect '"code":"already-redeemed"' redeem "$(request "$first" 2)"
expect '"message":"Hier bereits eingelöst' redeem "$(request "$first" 2)"
expect '"outcome":"allow"' redeem "$(request "$second" 3)" # redeemed at another till, which this one cannot know
twice=$(redemption)
expect '"code":"unreachable"' report '{"waitSeconds":60}'

tell online
part=$(printf '{"receipt":"%s","key":"%s-r","partial":true,"returned":{"amount":30,"currency":"EUR"},"shift":"%s"}' \
	"$receipt" "$label" "$label")
expect '"pending":true' void "$part" # another till redeemed it
expect '"again":true' void "$part"
expect 200 report '{}'
expect "\"record\":\"$twice\"" verdicts '{"waitSeconds":20}'
expect '"status":"duplicate"' verdicts '{}'
expect 200 acknowledge "{\"records\":[\"$twice\"]}"
expect '"verdicts":[]' verdicts '{}'
expect '"redemptions":2' totals "{\"shift\":\"$label\"}"
expect '"voids":1' totals "{\"shift\":\"$label\"}"

expect '"code":"invalid-request"' redeem '{"scanned":"x","saleKey":"1","colour":"red"}'
expect '"code":"not-found"' correct '{"saleKey":"never","given":{"amount":1,"currency":"EUR"}}'
token=guess
expect '"code":"unauthorized"' status '{}'
echo ok
