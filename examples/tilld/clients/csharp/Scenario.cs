using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

/// <summary>
/// The scenario that every client runs: Scenario.exe URL TOKENFILE LABEL PASS PASS RECEIPT.
/// With LABEL rounds it reads lines "KEY PASS" instead and redeems each.
/// </summary>
static class Scenario
{
    static readonly StreamReader input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
    static readonly StreamWriter output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) {
        AutoFlush = true };

    static void Expect(bool isTrue, object what)
    {
        if (!isTrue) throw new Exception(Text(what));
    }

    static string Text(object value)
    {
        var map = value as Dictionary<string, object>;
        return map == null ? "" + value : string.Join(" ", map.Select(e => e.Key + "=" + e.Value));
    }

    /// <summary>Has the test cut or mend the network.</summary>
    static void Tell(string word)
    {
        output.WriteLine(word);
        Expect(input.ReadLine() == "done", word);
    }

    static void Fails<T>(string code, Action call) where T : TilldException
    {
        try
        {
            call();
        }
        catch (T error)
        {
            Expect(error.Code == code && error.CashierMessage != null, error.Message);
            return;
        }
        throw new Exception(code + " did not come");
    }

    static Dictionary<string, object> Euros(int amount)
    {
        return new Dictionary<string, object> { ["amount"] = amount, ["currency"] = "EUR" };
    }

    static Dictionary<string, object> Request(string scanned, string key, string shift)
    {
        var line = new Dictionary<string, object> { ["id"] = "1", ["amount"] = 350 };
        var sale = new Dictionary<string, object> { ["currency"] = "EUR", ["lines"] = new List<object> { line } };
        return new Dictionary<string, object> { ["scanned"] = scanned, ["saleKey"] = key, ["sale"] = sale,
            ["shift"] = shift };
    }

    static bool Is(Dictionary<string, object> answer, string name)
    {
        return answer.ContainsKey(name) && true.Equals(answer[name]);
    }

    static long Sum(List<object> totals, string name)
    {
        return totals.Sum(t => (long)((Dictionary<string, object>)t)[name]);
    }

    static void Rounds(Tilld till)
    {
        for (var line = input.ReadLine(); line != null; line = input.ReadLine())
        {
            var words = line.Split(new[] { ' ' }, 2);
            var decision = till.Redeem(new Dictionary<string, object> { ["scanned"] = words[1],
                ["saleKey"] = words[0] });
            var redemption = decision.ContainsKey("redemption") ? decision["redemption"] : "-";
            output.WriteLine(words[0] + " " + decision["outcome"] + " " + redemption);
        }
    }

    static void Run(Tilld till, string[] args)
    {
        string label = args[2], first = args[3];
        till.Report(); // enrols
        Expect(Is(till.Status(), "enrolled"), "enrolled");
        var check = till.Check(Request(first, label + "-1", label));
        Expect((string)check["outcome"] == "allow" && 100L.Equals(((Dictionary<string,
            object>)check["given"])["amount"]), check);

        Tell("offline");
        var done = till.Redeem(Request(first, label + "-1", label));
        Expect((string)done["outcome"] == "allow" && done.ContainsKey("receipt"), done);
        var again = till.Redeem(Request(first, label + "-1", label));
        Expect(Is(again, "again") && again["redemption"].Equals(done["redemption"]), again);
        var refused = till.Redeem(Request(first, label + "-2", label));
        var reason = (Dictionary<string, object>)((List<object>)refused["reasons"])[0];
        Expect((string)refused["outcome"] == "refuse" && (string)reason["code"] == "already-redeemed", refused);
        Expect(((string)refused["message"]).StartsWith("Hier bereits eingelöst", StringComparison.Ordinal), refused);
        var twice = till.Redeem(Request(args[4], label + "-3", label));
        Expect((string)twice["outcome"] == "allow", "redeemed at another till, which this one cannot know");
        Fails<BackendException>("unreachable", () => till.Report());

        Tell("online");
        var part = new Dictionary<string, object> {
            ["receipt"] = args[5], ["key"] = label + "-r", ["partial"] = true, ["returned"] = Euros(30),
                ["shift"] = label };
        Expect(Is(till.Void(part), "pending"), "another till redeemed it");
        Expect(Is(till.Void(part), "again"), "again");
        till.Report();
        var verdicts = till.Verdicts(20);
        var verdict = (Dictionary<string, object>)verdicts[0];
        Expect(verdicts.Count == 1 && verdict["record"].Equals(twice["redemption"]), verdict);
        Expect((string)verdict["status"] == "duplicate" && verdict.ContainsKey("message"), verdict);
        till.Acknowledge((string)twice["redemption"]);
        Expect(till.Verdicts().Count == 0, "acknowledged");
        var totals = till.Totals(new Dictionary<string, object> { ["shift"] = label });
        Expect(Sum(totals, "redemptions") == 2 && Sum(totals, "voids") == 1, totals.Count);

        var unknown = Request(first, "x", label);
        unknown["colour"] = "red";
        Fails<RequestException>("invalid-request", () => till.Redeem(unknown));
        var never = new Dictionary<string, object> { ["saleKey"] = "never", ["given"] = Euros(1) };
        Fails<RequestException>("not-found", () => till.Correct(never));
        Fails<AccessException>("unauthorized", () => new Tilld(args[0], "guess").Status());
        var nobody = new Tilld("http://127.0.0.1:1", "", "en", TimeSpan.FromMilliseconds(50));
        Fails<OutcomeUnknownException>("outcome-unknown", () => nobody.Status());
        output.WriteLine("ok");
    }

    static void Main(string[] args)
    {
        var till = new Tilld(args[0], File.ReadAllText(args[1]), "de");
        if (args[2] == "rounds") Rounds(till);
        else Run(till, args);
    }
}
