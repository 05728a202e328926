using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Text;
using System.Threading;

/// <summary>
/// A client of tilld for C# 6 and later: .NET, .NET Framework and Mono. Copy this file; it needs nothing else.
/// <code>
/// var till = new Tilld("http://127.0.0.1:7345", File.ReadAllText("till/token"));
/// var decision = till.Redeem(new Dictionary&lt;string, object&gt; { ["scanned"] = text, ["saleKey"] =
/// "2026-11-26/7/42" });
/// if ((string)decision["outcome"] != "allow") Show(decision["message"]);
/// </code>
/// The fields of calls and answers are those of transport/local/openapi.yaml: objects are dictionaries, lists are
/// lists of
/// object, numbers are long or double. Pass over fields that you do not know. A refusal is a decision; an error is a
/// TilldException. Where no answer comes a call is repeated with the same keys until the patience is over; then it
/// throws
/// OutcomeUnknownException: call again with the same keys until there is an answer. A Tilld may be used by several
/// threads.
/// </summary>
public sealed class Tilld
{
    readonly string url, token, language;
    readonly TimeSpan patience;

    /// <param name="language">the cashier's, as in Accept-Language</param>
    /// <param name="patience">how long a call is repeated where no answer comes; null: 10 seconds</param>
    public Tilld(string url, string token, string language = "en", TimeSpan? patience = null)
    {
        this.url = url;
        this.token = token.Trim();
        this.language = language;
        this.patience = patience ?? TimeSpan.FromSeconds(10);
    }

    // A sale.
    public Dictionary<string, object> Check(IDictionary<string, object> request) { return Call("check", request); }
    public Dictionary<string, object> Reserve(IDictionary<string, object> request) { return Call("reserve", request); }
    public Dictionary<string, object> Release(IDictionary<string, object> sale) { return Call("release", sale); }
    public Dictionary<string, object> Redeem(IDictionary<string, object> request) { return Call("redeem", request); }
    public Dictionary<string, object> Correct(IDictionary<string, object> correction) { return Call("correct",
        correction); }
    public Dictionary<string, object> Void(IDictionary<string, object> what) { return Call("void", what); }

    // What was recorded, and what the backend said.
    public Dictionary<string, object> Records(IDictionary<string, object> query) { return Call("records", query); }
    public List<object> Totals(IDictionary<string, object> query) { return (List<object>)Call("totals",
        query)["totals"]; }
    public List<object> Verdicts(int waitSeconds = 0)
    {
        return (List<object>)Call("verdicts", One("waitSeconds", waitSeconds), waitSeconds)["verdicts"];
    }
    public void Acknowledge(params string[] records) { Call("acknowledge", One("records", records)); }

    // How the terminal stands.
    public Dictionary<string, object> Status() { return Call("status", new Dictionary<string, object>()); }
    public void Report(int waitSeconds = 60) { Call("report", One("waitSeconds", waitSeconds), waitSeconds); }
    public void RotateKey(int waitSeconds = 60) { Call("rotate-key", One("waitSeconds", waitSeconds), waitSeconds); }
    public void InstallBundle(byte[] bundle) { Call("install-bundle", One("bundle", Convert.ToBase64String(bundle))); }
    public void EndForgotten(string manager, string why)
    {
        Call("end-forgotten", One("override", new Dictionary<string, object> { ["manager"] = manager, ["why"] = why }));
    }

    // Scanners and pictures.
    public Dictionary<string, object> ScannerTest() { return Call("scanner-test", new Dictionary<string, object>()); }
    public Dictionary<string, object> ScannerLearn(string arrived) { return Call("scanner-learn", One("arrived",
        arrived)); }
    public Dictionary<string, object> ScannerRead(IDictionary<string, object> scan) { return Call("scanner-read",
        scan); }
    public byte[] Draw(IDictionary<string, object> drawing)
    {
        return Send("draw", Encoding.UTF8.GetBytes(TilldJson.Write(drawing)), "application/json", 0);
    }
    /// <summary>The symbols of a picture, or of a frame: its luminance with type application/octet-stream.</summary>
    public List<object> ReadPicture(byte[] picture, string type = "image/png", int width = 0, int height = 0)
    {
        var query = width > 0 ? "?width=" + width + "&height=" + height : "";
        return (List<object>)Parse(Send("read-picture" + query, picture, type, 0))["symbols"];
    }

    /// <summary>Makes any call, by its name.</summary>
    public Dictionary<string, object> Call(string name, IDictionary<string, object> body, int waitSeconds = 0)
    {
        return Parse(Send(name, Encoding.UTF8.GetBytes(TilldJson.Write(body)), "application/json", waitSeconds));
    }

    static Dictionary<string, object> One(string name, object value)
    {
        return new Dictionary<string, object> { [name] = value };
    }

    static Dictionary<string, object> Parse(byte[] answer)
    {
        return (Dictionary<string, object>)TilldJson.Read(Encoding.UTF8.GetString(answer));
    }

    byte[] Send(string name, byte[] body, string type, int waitSeconds)
    {
        var watch = Stopwatch.StartNew();
        for (var pause = 20; ; pause = Math.Min(2 * pause, 1000))
        {
            try
            {
                return Once(name, body, type, waitSeconds);
            }
            catch (OutcomeUnknownException)
            {
                if (watch.Elapsed.TotalMilliseconds + pause > patience.TotalMilliseconds) throw;
            }
            Thread.Sleep(pause);
        }
    }

    byte[] Once(string name, byte[] body, string type, int waitSeconds)
    {
        try
        {
            var request = (HttpWebRequest)WebRequest.Create(url + "/v1/" + name);
            request.Method = "POST";
            request.ContentType = type;
            request.Headers["Authorization"] = "Bearer " + token;
            request.Headers["Offlane-Local"] = "1";
            request.Headers["Accept-Language"] = language;
            request.Proxy = null;
            request.KeepAlive = false;
            request.ServicePoint.Expect100Continue = false;
            request.Timeout = request.ReadWriteTimeout = (30 + waitSeconds) * 1000;
            using (var stream = request.GetRequestStream()) stream.Write(body, 0, body.Length);
            using (var answer = request.GetResponse()) return ReadAll(answer);
        }
        catch (WebException error)
        {
            throw Refused(error);
        }
        catch (IOException error)
        {
            throw Lost(error);
        }
    }

    static byte[] ReadAll(WebResponse answer)
    {
        using (var stream = answer.GetResponseStream())
        using (var copy = new MemoryStream())
        {
            stream.CopyTo(copy);
            if (answer.ContentLength >= 0
                && copy.Length != answer.ContentLength) throw new IOException("the answer was cut off");
            return copy.ToArray();
        }
    }

    static Exception Lost(Exception error)
    {
        return new OutcomeUnknownException(new Dictionary<string, object> {
            ["code"] = "outcome-unknown", ["detail"] = "no answer came: " + error.Message, ["message"] = "…",
                ["status"] = 0L });
    }

    static Exception Refused(WebException error)
    {
        var answer = error.Response as HttpWebResponse;
        if (answer == null) return Lost(error);
        using (answer)
        {
            Dictionary<string, object> problem;
            try
            {
                problem = Parse(ReadAll(answer));
            }
            catch (Exception foreign) when (foreign is FormatException || foreign is InvalidCastException
                || foreign is IOException)
            {
                return Lost(foreign);
            }
            switch ((int)answer.StatusCode)
            {
                case 400: case 404: case 405: case 413: case 422: return new RequestException(problem);
                case 401: case 403: return new AccessException(problem);
                case 409: return new ConflictException(problem);
                case 502: return new BackendException(problem);
                case 504: return new OutcomeUnknownException(problem);
                default: return new TilldException(problem);
            }
        }
    }
}

/// <summary>The till could not do it. Code is one of CODES.md, CashierMessage is for the cashier.</summary>
public class TilldException : Exception
{
    public readonly Dictionary<string, object> Problem;
    public TilldException(Dictionary<string, object> problem) : base(problem["code"] + ": " + problem["detail"]) {
        Problem = problem; }
    public string Code { get { return (string)Problem["code"]; } }
    public string CashierMessage { get { return (string)Problem["message"]; } }
}

/// <summary>This program may not call: look at the token.</summary>
public class AccessException : TilldException { public AccessException(Dictionary<string, object> p) : base(p) { } }

/// <summary>The call is wrong, or names what is not there: mend the program.</summary>
public class RequestException : TilldException { public RequestException(Dictionary<string, object> p) : base(p) { } }

/// <summary>It cannot be done as things stand; Problem["reasons"] may say what a manager has to decide.</summary>
public class ConflictException : TilldException { public ConflictException(Dictionary<string, object> p) : base(p) { } }

/// <summary>The backend cannot be reached, or refused. Nothing is lost.</summary>
public class BackendException : TilldException { public BackendException(Dictionary<string, object> p) : base(p) { } }

/// <summary>It may have been done. Call again with the same keys until there is an answer.</summary>
public class OutcomeUnknownException : TilldException { public OutcomeUnknownException(Dictionary<string,
    object> p) : base(p) { } }

/// <summary>JSON (RFC 8259) as dictionaries, lists, strings, long or double, bool and null.</summary>
static class TilldJson
{
    const int MaxDepth = 64;

    public static object Read(string text)
    {
        var at = 0;
        var value = Value(text, ref at, 0);
        if (Peek(text, ref at) != '\0') throw new FormatException("no JSON at " + at);
        return value;
    }

    static char Peek(string text, ref int at)
    {
        while (at < text.Length && " \t\r\n".IndexOf(text[at]) >= 0) at++;
        return at < text.Length ? text[at] : '\0';
    }

    static void Expect(string text, ref int at, char c)
    {
        if (Peek(text, ref at) != c) throw new FormatException("no JSON at " + at);
        at++;
    }

    static object Value(string text, ref int at, int depth)
    {
        if (depth > MaxDepth) throw new FormatException("JSON too deep at " + at);
        switch (Peek(text, ref at))
        {
            case '{': return Object(text, ref at, depth);
            case '[': return Array(text, ref at, depth);
            case '"': return String(text, ref at);
            case 't': return Word(text, ref at, "true", true);
            case 'f': return Word(text, ref at, "false", false);
            case 'n': return Word(text, ref at, "null", null);
            default: return Number(text, ref at);
        }
    }

    static object Word(string text, ref int at, string word, object value)
    {
        if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) throw new FormatException("no JSON at " + at);
        at += word.Length;
        return value;
    }

    static Dictionary<string, object> Object(string text, ref int at, int depth)
    {
        var value = new Dictionary<string, object>();
        Expect(text, ref at, '{');
        if (Peek(text, ref at) == '}') { at++; return value; }
        while (true)
        {
            if (Peek(text, ref at) != '"') throw new FormatException("no JSON at " + at);
            var name = String(text, ref at);
            Expect(text, ref at, ':');
            value[name] = Value(text, ref at, depth + 1);
            if (Peek(text, ref at) != ',') break;
            at++;
        }
        Expect(text, ref at, '}');
        return value;
    }

    static List<object> Array(string text, ref int at, int depth)
    {
        var value = new List<object>();
        Expect(text, ref at, '[');
        if (Peek(text, ref at) == ']') { at++; return value; }
        while (true)
        {
            value.Add(Value(text, ref at, depth + 1));
            if (Peek(text, ref at) != ',') break;
            at++;
        }
        Expect(text, ref at, ']');
        return value;
    }

    static string String(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '"') { at++; return value.ToString(); }
            if (c != '\\') { value.Append(c); continue; }
            if (++at == text.Length) break;
            var simple = "\"\\/bfnrt".IndexOf(text[at]);
            if (simple >= 0)
            {
                value.Append("\"\\/\b\f\n\r\t"[simple]);
            }
            else if (text[at] == 'u' && at + 4 < text.Length)
            {
                value.Append((char)ushort.Parse(text.Substring(at + 1, 4), NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture));
                at += 4;
            }
            else break;
        }
        throw new FormatException("no JSON at " + at);
    }

    static object Number(string text, ref int at)
    {
        var from = at;
        while (at < text.Length && "+-.0123456789eE".IndexOf(text[at]) >= 0) at++;
        var digits = text.Substring(from, at - from);
        long whole;
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole)) return whole;
        return double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    public static string Write(object value)
    {
        var text = new StringBuilder();
        Write(value, text);
        return text.ToString();
    }

    static void Write(object value, StringBuilder text)
    {
        var map = value as IEnumerable<KeyValuePair<string, object>>;
        if (value == null) text.Append("null");
        else if (value is string) Quote((string)value, text);
        else if (value is bool) text.Append((bool)value ? "true" : "false");
        else if (map != null)
        {
            var comma = "";
            text.Append('{');
            foreach (var entry in map)
            {
                text.Append(comma);
                Quote(entry.Key, text);
                Write(entry.Value, text.Append(':'));
                comma = ",";
            }
            text.Append('}');
        }
        else if (value is System.Collections.IEnumerable)
        {
            var comma = "";
            text.Append('[');
            foreach (var element in (System.Collections.IEnumerable)value)
            {
                Write(element, text.Append(comma));
                comma = ",";
            }
            text.Append(']');
        }
        else text.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
    }

    static void Quote(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in value)
        {
            if (c == '"' || c == '\\') text.Append('\\').Append(c);
            else if (c < ' ' || char.IsSurrogate(c)) text.Append("\\u").Append(((int)c).ToString("x4",
                CultureInfo.InvariantCulture));
            else text.Append(c);
        }
        text.Append('"');
    }
}
