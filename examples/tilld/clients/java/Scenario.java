import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The scenario that every client runs: Scenario URL TOKENFILE LABEL PASS PASS RECEIPT
 *
 * <p>With LABEL rounds it reads lines "KEY PASS" instead and redeems each.
 */
public final class Scenario {
    private static final BufferedReader in = new BufferedReader(new InputStreamReader(System.in,
        StandardCharsets.UTF_8));
    private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static final Map<String, Object> SALE =
        Map.of("currency", "EUR", "lines", List.of(Map.of("id", "1", "amount", 350)));

    private static void expect(boolean is, Object what) {
        if (!is) throw new AssertionError(what);
    }

    /** Has the test cut or mend the network. */
    private static void tell(String word) throws IOException {
        out.println(word);
        expect("done".equals(in.readLine()), word);
    }

    private static void fails(Class<? extends Tilld.Error> kind, String code, Runnable call) {
        try {
            call.run();
        } catch (Tilld.Error error) {
            expect(kind.isInstance(error) && code.equals(error.code()) && error.message() != null, error);
            return;
        }
        throw new AssertionError(code + " did not come");
    }

    private static Map<String, Object> euros(int amount) { return Map.of("amount", amount, "currency", "EUR"); }

    private static Map<String, Object> request(String scanned, String key, String shift) {
        return Map.of("scanned", scanned, "saleKey", key, "sale", SALE, "shift", shift);
    }

    private static String reason(Map<String, Object> decision) {
        return (String) ((Map<?, ?>) ((List<?>) decision.get("reasons")).get(0)).get("code");
    }

    private static long sum(List<Map<String, Object>> totals, String name) {
        return totals.stream().mapToLong(t -> (Long) t.get(name)).sum();
    }

    private static void rounds(Tilld till) throws IOException {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", 2);
            Map<String, Object> decision = till.redeem(Map.of("scanned", words[1], "saleKey", words[0]));
            out.println(words[0] + " " + decision.get("outcome") + " " + decision.getOrDefault("redemption", "-"));
        }
    }

    private static void scenario(Tilld till, String[] args) throws IOException {
        String label = args[2];
        String first = args[3];
        till.report(60); // enrols
        expect(Boolean.TRUE.equals(till.status().get("enrolled")), "enrolled");
        Map<String, Object> checked = till.check(request(first, label + "-1", label));
        expect("allow".equals(checked.get("outcome")), checked);
        expect(((Map<?, ?>) checked.get("given")).get("amount").equals(100L), checked);

        tell("offline");
        Map<String, Object> done = till.redeem(request(first, label + "-1", label));
        expect("allow".equals(done.get("outcome")) && done.get("receipt") != null, done);
        Map<String, Object> again = till.redeem(request(first, label + "-1", label));
        expect(Boolean.TRUE.equals(again.get("again")) && again.get("redemption").equals(done.get("redemption")),
            again);
        Map<String, Object> refused = till.redeem(request(first, label + "-2", label));
        expect("refuse".equals(refused.get("outcome")) && "already-redeemed".equals(reason(refused)), refused);
        expect(((String) refused.get("message")).startsWith("Hier bereits eingelöst"), refused);
        Map<String, Object> twice = till.redeem(request(args[4], label + "-3", label));
        expect("allow".equals(twice.get("outcome")), "redeemed at another till, which this one cannot know");
        fails(Tilld.BackendError.class, "unreachable", () -> till.report(60));

        tell("online");
        Map<String, Object> part = Map.of("receipt", args[5], "key", label + "-r", "partial", true, "returned",
            euros(30),
            "shift", label);
        expect(Boolean.TRUE.equals(till.takeBack(part).get("pending")), "another till redeemed it");
        expect(Boolean.TRUE.equals(till.takeBack(part).get("again")), "again");
        till.report(60);
        List<Map<String, Object>> verdicts = till.verdicts(20);
        expect(verdicts.size() == 1 && verdicts.get(0).get("record").equals(twice.get("redemption")), verdicts);
        expect("duplicate".equals(verdicts.get(0).get("status")) && verdicts.get(0).get("message") != null, verdicts);
        till.acknowledge((String) twice.get("redemption"));
        expect(till.verdicts(0).isEmpty(), "acknowledged");
        List<Map<String, Object>> totals = till.totals(Map.of("shift", label));
        expect(sum(totals, "redemptions") == 2 && sum(totals, "voids") == 1, totals);

        Map<String, Object> unknown = new HashMap<>(request(first, "x", label));
        unknown.put("colour", "red");
        fails(Tilld.RequestError.class, "invalid-request", () -> till.redeem(unknown));
        fails(Tilld.RequestError.class, "not-found", () -> till.correct(Map.of("saleKey", "never", "given", euros(1))));
        fails(Tilld.AccessError.class, "unauthorized", () -> new Tilld(args[0], "guess").status());
        Tilld nobody = new Tilld("http://127.0.0.1:1", "", "en", Duration.ofMillis(50));
        fails(Tilld.OutcomeUnknown.class, "outcome-unknown", nobody::status);
        out.println("ok");
    }

    public static void main(String[] args) throws IOException {
        Tilld till = new Tilld(args[0], Files.readString(Path.of(args[1])), "de", Duration.ofSeconds(10));
        if (args[2].equals("rounds")) {
            rounds(till);
        } else {
            scenario(till, args);
        }
    }
}
