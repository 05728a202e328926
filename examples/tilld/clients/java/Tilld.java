import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A client of tilld for Java 17 and later. Copy this file; it needs nothing but Java.
 *
 * <pre>
 * var till = new Tilld("http://127.0.0.1:7345", Files.readString(Path.of("till/token")));
 * var decision = till.redeem(Map.of("scanned", text, "saleKey", "2026-11-26/7/42",
 *     "sale", Map.of("currency", "EUR", "lines", List.of(Map.of("amount", 350)))));
 * if (!"allow".equals(decision.get("outcome"))) show(decision.get("message"));
 * </pre>
 *
 * The fields of calls and answers are those of transport/local/openapi.yaml: objects are maps, lists are lists, numbers
 * are Long or Double. Pass over fields that you do not know. A refusal is a decision; an error is a Tilld.Error. Where
 * no
 * answer comes a call is repeated with the same keys until the patience is over; then it throws OutcomeUnknown: call
 * again
 * with the same keys until there is an answer. A Tilld may be used by several threads.
 */
public final class Tilld {
    /** The till could not do it. code() is one of CODES.md, message() is for the cashier. */
    public static class Error extends RuntimeException {
        public final transient Map<String, Object> problem;

        Error(Map<String, Object> problem) {
            super(problem.get("code") + ": " + problem.get("detail"));
            this.problem = problem;
        }

        public String code() { return (String) problem.get("code"); }

        public String message() { return (String) problem.get("message"); }
    }

    /** This program may not call: look at the token. */
    public static final class AccessError extends Error { AccessError(Map<String, Object> p) { super(p); } }

    /** The call is wrong, or names what is not there: mend the program. */
    public static final class RequestError extends Error { RequestError(Map<String, Object> p) { super(p); } }

    /** It cannot be done as things stand; problem.get("reasons") may say what a manager has to decide. */
    public static final class ConflictError extends Error { ConflictError(Map<String, Object> p) { super(p); } }

    /** The backend cannot be reached, or refused. Nothing is lost. */
    public static final class BackendError extends Error { BackendError(Map<String, Object> p) { super(p); } }

    /** It may have been done. Call again with the same keys until there is an answer. */
    public static final class OutcomeUnknown extends Error { OutcomeUnknown(Map<String, Object> p) { super(p); } }

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
        .proxy(HttpClient.Builder.NO_PROXY).connectTimeout(Duration.ofSeconds(5)).build();
    private final String url;
    private final String token;
    private final String language;
    private final Duration patience;

    public Tilld(String url, String token) { this(url, token, "en", Duration.ofSeconds(10)); }

    /** language is as in Accept-Language; patience is how long a call is repeated where no answer comes. */
    public Tilld(String url, String token, String language, Duration patience) {
        this.url = url;
        this.token = token.strip();
        this.language = language;
        this.patience = patience;
    }

    // A sale.
    public Map<String, Object> check(Map<String, ?> request) { return call("check", request); }
    public Map<String, Object> reserve(Map<String, ?> request) { return call("reserve", request); }
    public Map<String, Object> release(Map<String, ?> sale) { return call("release", sale); }
    public Map<String, Object> redeem(Map<String, ?> request) { return call("redeem", request); }
    public Map<String, Object> correct(Map<String, ?> correction) { return call("correct", correction); }
    /** Is the call void, which is a word of Java's own. */
    public Map<String, Object> takeBack(Map<String, ?> what) { return call("void", what); }

    // What was recorded, and what the backend said.
    public Map<String, Object> records(Map<String, ?> query) { return call("records", query); }
    public List<Map<String, Object>> totals(Map<String, ?> query) { return list(call("totals", query), "totals"); }
    public List<Map<String, Object>> verdicts(int waitSeconds) {
        return list(call("verdicts", Map.of("waitSeconds", waitSeconds), waitSeconds), "verdicts");
    }
    public void acknowledge(String... records) { call("acknowledge", Map.of("records", List.of(records))); }

    // How the terminal stands.
    public Map<String, Object> status() { return call("status", Map.of()); }
    public void report(int waitSeconds) { call("report", Map.of("waitSeconds", waitSeconds), waitSeconds); }
    public void rotateKey(int waitSeconds) { call("rotate-key", Map.of("waitSeconds", waitSeconds), waitSeconds); }
    public void installBundle(String base64) { call("install-bundle", Map.of("bundle", base64)); }
    public void endForgotten(String manager, String why) {
        call("end-forgotten", Map.of("override", Map.of("manager", manager, "why", why)));
    }

    // Scanners and pictures.
    public Map<String, Object> scannerTest() { return call("scanner-test", Map.of()); }
    public Map<String, Object> scannerLearn(String arrived) { return call("scanner-learn", Map.of("arrived",
        arrived)); }
    public Map<String, Object> scannerRead(Map<String, ?> scan) { return call("scanner-read", scan); }
    public byte[] draw(Map<String, ?> drawing) { return send("draw", bytes(drawing), "application/json", 0); }
    /** The symbols of a picture. */
    public List<Map<String, Object>> readPicture(byte[] picture, String type) {
        return list(object(send("read-picture", picture, type, 0)), "symbols");
    }
    /** The symbols of a frame: its luminance, one byte a pixel. */
    public List<Map<String, Object>> readFrame(byte[] luminance, int width, int height) {
        String name = "read-picture?width=" + width + "&height=" + height;
        return list(object(send(name, luminance, "application/octet-stream", 0)), "symbols");
    }

    /** Makes any call, by its name. */
    public Map<String, Object> call(String name, Map<String, ?> body) { return call(name, body, 0); }

    private Map<String, Object> call(String name, Map<String, ?> body, int waitSeconds) {
        return object(send(name, bytes(body), "application/json", waitSeconds));
    }

    private byte[] send(String name, byte[] body, String type, int waitSeconds) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/v1/" + name))
            .timeout(Duration.ofSeconds(30 + waitSeconds))
            .header("Authorization", "Bearer " + token).header("Offlane-Local", "1")
            .header("Accept-Language", language).header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
        long end = System.nanoTime() + patience.toNanos();
        for (long pause = 20; ; pause = Math.min(2 * pause, 1000)) {
            OutcomeUnknown unknown;
            try {
                return once(request);
            } catch (OutcomeUnknown error) {
                unknown = error;
            } catch (IOException error) {
                unknown = new OutcomeUnknown(Map.of("code", "outcome-unknown", "message", "…", "status", 0L,
                    "detail", "no answer came: " + error));
            }
            if (System.nanoTime() + pause * 1_000_000 > end) throw unknown;
            sleep(pause);
        }
    }

    private byte[] once(HttpRequest request) throws IOException {
        HttpResponse<byte[]> answer;
        try {
            answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknown(Map.of("code", "outcome-unknown", "message", "…", "detail", "interrupted"));
        }
        if (answer.statusCode() == 200) return answer.body();
        Map<String, Object> problem;
        try {
            problem = object(answer.body());
        } catch (IllegalArgumentException | ClassCastException foreign) {
            throw new IOException("the answer is not the till's", foreign);
        }
        throw switch (answer.statusCode()) {
            case 400, 404, 405, 413, 422 -> new RequestError(problem);
            case 401, 403 -> new AccessError(problem);
            case 409 -> new ConflictError(problem);
            case 502 -> new BackendError(problem);
            case 504 -> new OutcomeUnknown(problem);
            default -> new Error(problem);
        };
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] bytes(Object body) { return Json.write(body).getBytes(StandardCharsets.UTF_8); }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(byte[] answer) {
        return (Map<String, Object>) Json.read(new String(answer, StandardCharsets.UTF_8));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Map<String, Object> answer, String name) {
        return (List<Map<String, Object>>) answer.get(name);
    }

    /** JSON (RFC 8259) as maps, lists, strings, Long or Double, Boolean and null. */
    static final class Json {
        private static final int MAX_DEPTH = 64;
        private final String text;
        private int at;
        private int depth;

        private Json(String text) { this.text = text; }

        static Object read(String text) {
            Json json = new Json(text);
            Object value = json.value();
            if (json.peek() != 0) throw json.wrong();
            return value;
        }

        private IllegalArgumentException wrong() { return new IllegalArgumentException("no JSON at " + at); }

        private char peek() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
            return at < text.length() ? text.charAt(at) : 0;
        }

        private void expect(char c) {
            if (peek() != c) throw wrong();
            at++;
        }

        private Object value() {
            if (++depth > MAX_DEPTH) throw wrong();
            Object value = switch (peek()) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                case 't' -> word("true", true);
                case 'f' -> word("false", false);
                case 'n' -> word("null", null);
                default -> number();
            };
            depth--;
            return value;
        }

        private Object word(String word, Object value) {
            if (!text.startsWith(word, at)) throw wrong();
            at += word.length();
            return value;
        }

        private Map<String, Object> object() {
            Map<String, Object> object = new LinkedHashMap<>();
            expect('{');
            if (peek() == '}') { at++; return object; }
            while (true) {
                if (peek() != '"') throw wrong();
                String name = string();
                expect(':');
                object.put(name, value());
                if (peek() != ',') break;
                at++;
            }
            expect('}');
            return object;
        }

        private List<Object> array() {
            List<Object> array = new ArrayList<>();
            expect('[');
            if (peek() == ']') { at++; return array; }
            while (true) {
                array.add(value());
                if (peek() != ',') break;
                at++;
            }
            expect(']');
            return array;
        }

        private String string() {
            StringBuilder out = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') { at++; return out.toString(); }
                if (c != '\\') { out.append(c); continue; }
                if (++at == text.length()) break;
                c = text.charAt(at);
                int simple = "\"\\/bfnrt".indexOf(c);
                if (simple >= 0) {
                    out.append("\"\\/\b\f\n\r\t".charAt(simple));
                } else if (c == 'u' && at + 4 < text.length()) {
                    out.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    throw wrong();
                }
            }
            throw wrong();
        }

        private Object number() {
            int from = at;
            while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) at++;
            String digits = text.substring(from, at);
            if (digits.isEmpty()) throw wrong();
            try {
                return Long.valueOf(digits);
            } catch (NumberFormatException fraction) {
                return Double.valueOf(digits);
            }
        }

        static String write(Object value) {
            StringBuilder out = new StringBuilder();
            write(value, out);
            return out.toString();
        }

        private static void write(Object value, StringBuilder out) {
            if (value instanceof Map<?, ?> map) {
                String comma = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(comma);
                    quote(entry.getKey().toString(), out);
                    write(entry.getValue(), out.append(':'));
                    comma = ",";
                }
                out.append(map.isEmpty() ? "{}" : "}");
            } else if (value instanceof Iterable<?> list) {
                String comma = "";
                out.append('[');
                for (Object element : list) {
                    write(element, out.append(comma));
                    comma = ",";
                }
                out.append(']');
            } else if (value instanceof String text) {
                quote(text, out);
            } else {
                out.append(value); // a number, true, false or null
            }
        }

        private static void quote(String text, StringBuilder out) {
            out.append('"');
            for (char c : text.toCharArray()) {
                if (c == '"' || c == '\\') {
                    out.append('\\').append(c);
                } else if (c < ' ' || Character.isSurrogate(c)) {
                    out.append(String.format("\\u%04x", (int) c));
                } else {
                    out.append(c);
                }
            }
            out.append('"');
        }
    }
}
