"""The scenario that every client runs: scenario.py unix:SOCKET|URL TOKENFILE|- LABEL PASS PASS RECEIPT

With LABEL rounds it reads lines "KEY PASS" instead and redeems each.
"""

import sys

from tilld import AccessError, BackendError, OutcomeUnknown, RequestError, Tilld


def connect(address, token_file, **more):
    token = None
    if token_file != "-":
        with open(token_file) as file:
            token = file.read()
    if address.startswith("unix:"):
        return Tilld(socket=address[5:], token=token, **more)
    return Tilld(url=address, token=token, **more)


def tell(word):
    """Has the test cut or mend the network."""
    print(word, flush=True)
    assert sys.stdin.readline().strip() == "done"


def fails(kind, code, call):
    try:
        call()
    except kind as error:
        assert error.code == code, error
        assert error.message, "it has a text for the cashier"
        return
    raise AssertionError("%s did not come" % code)


def rounds(till):
    for line in sys.stdin:
        key, scanned = line.rstrip("\n").split(" ", 1)
        decision = till.redeem(scanned=scanned, saleKey=key)
        print(key, decision["outcome"], decision.get("redemption", "-"), flush=True)


def scenario(address, token_file, label, first, second, receipt):
    till = connect(address, token_file, language="de")
    sale = {"currency": "EUR", "lines": [{"id": "1", "amount": 350}]}

    till.report()  # enrols
    assert till.status()["enrolled"]
    checked = till.check(scanned=first, saleKey=label + "-1", sale=sale)
    assert checked["outcome"] == "allow" and checked["given"]["amount"] == 100, checked

    tell("offline")
    done = till.redeem(scanned=first, saleKey=label + "-1", sale=sale, shift=label)
    assert done["outcome"] == "allow" and done["receipt"], done
    again = till.redeem(scanned=first, saleKey=label + "-1", sale=sale, shift=label)
    assert again["again"] and again["redemption"] == done["redemption"], again
    refused = till.redeem(scanned=first, saleKey=label + "-2", sale=sale)
    assert refused["outcome"] == "refuse", refused
    assert refused["reasons"][0]["code"] == "already-redeemed", refused
    assert refused["message"].startswith("Hier bereits eingelöst"), refused
    twice = till.redeem(scanned=second, saleKey=label + "-3", sale=sale, shift=label)
    assert twice["outcome"] == "allow", "redeemed at another till, which this one cannot know"
    fails(BackendError, "unreachable", till.report)

    tell("online")
    part = dict(receipt=receipt, key=label + "-r", partial=True, returned={"amount": 30, "currency": "EUR"},
                shift=label)
    assert till.void(**part)["pending"], "another till redeemed it"
    assert till.void(**part)["again"]
    till.report()
    verdicts = till.verdicts(waitSeconds=20)
    assert [v["record"] for v in verdicts] == [twice["redemption"]], verdicts
    assert verdicts[0]["status"] == "duplicate" and verdicts[0]["message"], verdicts
    till.acknowledge(twice["redemption"])
    assert till.verdicts() == []
    totals = till.totals(shift=label)
    assert sum(t["redemptions"] for t in totals) == 2 and sum(t["voids"] for t in totals) == 1, totals

    fails(RequestError, "invalid-request", lambda: till.redeem(scanned=first, saleKey="x", colour="red"))
    fails(RequestError, "not-found", lambda: till.correct(saleKey="never", given={"amount": 1, "currency": "EUR"}))
    if token_file != "-":
        stranger = Tilld(url=address, token="guess")
        fails(AccessError, "unauthorized", stranger.status)
    nobody = Tilld(url="http://127.0.0.1:1", patience=0.05)
    fails(OutcomeUnknown, "outcome-unknown", nobody.status)
    print("ok")


if __name__ == "__main__":
    if sys.argv[3] == "rounds":
        rounds(connect(sys.argv[1], sys.argv[2]))
    else:
        scenario(*sys.argv[1:])
