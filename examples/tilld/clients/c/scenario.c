/* The scenario that every client runs: scenario unix:SOCKET|URL TOKENFILE|- LABEL PASS PASS RECEIPT
 *
 * With LABEL rounds it reads lines "KEY PASS" instead and redeems each. With LABEL json it checks the JSON reader. */
#define _POSIX_C_SOURCE 200809L
#define TILLD_IMPLEMENTATION
#include "tilld.h"

#define EXPECT(is) \
	do { \
		if (!(is)) { \
			fprintf(stderr, "line %d: %s: %s\n", __LINE__, #is, a.data != NULL ? a.data : "no answer"); \
			exit(1); \
		} \
	} while (0)

static tilld_answer a; /* the last one */

/* again makes room for another answer. */
static tilld_answer *again(void) {
	tilld_free(&a);
	return &a;
}

/* tell has the test cut or mend the network. */
static void tell(const char *word) {
	char line[16];
	puts(word);
	fflush(stdout);
	EXPECT(fgets(line, sizeof line, stdin) != NULL && strcmp(line, "done\n") == 0);
}

/* request makes the body of a sale. */
static const char *request(const char *scanned, const char *label, const char *number, const char *more) {
	static char body[8192];
	char text[6000], key[200], shift[200];
	snprintf(key, sizeof key, "%s-%s", label, number);
	tilld_quote(scanned, text, sizeof text);
	snprintf(body, sizeof body,
		"{\"scanned\":%s,\"saleKey\":\"%s\",\"shift\":%s,%s"
		"\"sale\":{\"currency\":\"EUR\",\"lines\":[{\"id\":\"1\",\"amount\":350}]}}",
		text, key, tilld_quote(label, shift, sizeof shift), more);
	return body;
}

static int fails(tilld_result got, tilld_result want, const char *code) {
	char text[300];
	return got == want && tilld_equals(&a, "code", code) && tilld_text(&a, "message", text, sizeof text)[0] != '\0';
}

static void scenario(const tilld *till, const char *label, const char *first, const char *second, const char *receipt) {
	char redemption[64], body[400], text[300];
	EXPECT(tilld_report(till, 60, again()) == TILLD_OK); /* enrols */
	EXPECT(tilld_status(till, again()) == TILLD_OK && tilld_is(&a, "enrolled"));
	EXPECT(tilld_check(till, request(first, label, "1", ""), again()) == TILLD_OK);
	EXPECT(tilld_equals(&a, "outcome", "allow") && tilld_number(&a, "given.amount") == 100);

	tell("offline");
	EXPECT(tilld_redeem(till, request(first, label, "1", ""), again()) == TILLD_OK);
	EXPECT(tilld_equals(&a, "outcome", "allow") && tilld_text(&a, "receipt", text, sizeof text)[0] != '\0');
	tilld_text(&a, "redemption", redemption, sizeof redemption);
	EXPECT(tilld_redeem(till, request(first, label, "1", ""), again()) == TILLD_OK);
	EXPECT(tilld_is(&a, "again") && tilld_equals(&a, "redemption", redemption));
	EXPECT(tilld_redeem(till, request(first, label, "2", ""), again()) == TILLD_OK);
	EXPECT(tilld_equals(&a, "outcome", "refuse") && tilld_equals(&a, "reasons.0.code", "already-redeemed"));
	EXPECT(strncmp(tilld_text(&a, "message", text, sizeof text), "Hier bereits eingelöst", 23) == 0);
	EXPECT(tilld_redeem(till, request(second, label, "3", ""), again()) == TILLD_OK);
	EXPECT(tilld_equals(&a, "outcome", "allow")); /* redeemed at another till, which this one cannot know */
	tilld_text(&a, "redemption", redemption, sizeof redemption);
	EXPECT(fails(tilld_report(till, 60, again()), TILLD_BACKEND, "unreachable"));

	tell("online");
	snprintf(body, sizeof body,
		"{\"receipt\":\"%s\",\"key\":\"%s-r\",\"partial\":true,\"shift\":\"%s\","
		"\"returned\":{\"amount\":30,\"currency\":\"EUR\"}}",
		receipt, label, label);
	EXPECT(tilld_void(till, body, again()) == TILLD_OK && tilld_is(&a, "pending")); /* another till redeemed it */
	EXPECT(tilld_void(till, body, again()) == TILLD_OK && tilld_is(&a, "again"));
	EXPECT(tilld_report(till, 60, again()) == TILLD_OK);
	EXPECT(tilld_verdicts(till, 20, again()) == TILLD_OK && tilld_count(&a, "verdicts") == 1);
	EXPECT(tilld_equals(&a, "verdicts.0.record", redemption) && tilld_equals(&a, "verdicts.0.status", "duplicate"));
	EXPECT(tilld_text(&a, "verdicts.0.message", text, sizeof text)[0] != '\0');
	snprintf(body, sizeof body, "{\"records\":[\"%s\"]}", redemption);
	EXPECT(tilld_acknowledge(till, body, again()) == TILLD_OK);
	EXPECT(tilld_verdicts(till, 0, again()) == TILLD_OK && tilld_count(&a, "verdicts") == 0);
	snprintf(body, sizeof body, "{\"shift\":\"%s\"}", label);
	EXPECT(tilld_totals(till, body, again()) == TILLD_OK);
	double redemptions = 0, voids = 0;
	for (int i = 0; i < tilld_count(&a, "totals"); i++) {
		char path[60];
		snprintf(path, sizeof path, "totals.%d.redemptions", i);
		redemptions += tilld_number(&a, path);
		snprintf(path, sizeof path, "totals.%d.voids", i);
		voids += tilld_number(&a, path);
	}
	EXPECT(redemptions == 2 && voids == 1);

	EXPECT(fails(tilld_redeem(till, request(first, label, "x", "\"colour\":\"red\","), again()), TILLD_REQUEST,
		"invalid-request"));
	EXPECT(fails(tilld_correct(till, "{\"saleKey\":\"never\",\"given\":{\"amount\":1,\"currency\":\"EUR\"}}", again()),
		TILLD_REQUEST, "not-found"));
	if (till->token != NULL) {
		const tilld stranger = {.port = till->port, .token = "guess"};
		EXPECT(fails(tilld_status(&stranger, again()), TILLD_ACCESS, "unauthorized"));
	}
	const tilld nobody = {.port = 1, .patience_ms = 50};
	EXPECT(tilld_status(&nobody, again()) == TILLD_OUTCOME_UNKNOWN && a.data == NULL);
	puts("ok");
}

static void rounds(const tilld *till) {
	char line[8192], text[6000], body[8192], outcome[16], redemption[64];
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		char *scanned = strchr(line, ' ');
		*scanned++ = '\0';
		snprintf(body, sizeof body, "{\"scanned\":%s,\"saleKey\":\"%.200s\"}", tilld_quote(scanned, text, sizeof text), line);
		EXPECT(tilld_redeem(till, body, again()) == TILLD_OK);
		printf("%s %s %s\n", line, tilld_text(&a, "outcome", outcome, sizeof outcome),
			tilld_text(&a, "redemption", redemption, sizeof redemption));
		fflush(stdout);
	}
}

static void json(void) {
	static char good[] = " {\"a\": [1, -2.5e1, {\"b\\\"\": \"x\"}, []], \"ab\": true,"
						 " \"t\": \"\\u00e9\\ud83d\\ude00\\n\\/\\\\\", \"n\": null}";
	char text[40];
	EXPECT(tilld_valid(good));
	a.data = good;
	EXPECT(tilld_number(&a, "a.1") == -25 && tilld_count(&a, "a") == 4 && tilld_count(&a, "a.3") == 0);
	EXPECT(tilld_is(&a, "ab") && !tilld_is(&a, "a") && !tilld_is(&a, "n") && !tilld_is(&a, "a.0.x"));
	EXPECT(strcmp(tilld_text(&a, "t", text, sizeof text), "\xc3\xa9\xf0\x9f\x98\x80\n/\\") == 0);
	EXPECT(tilld_text(&a, "t", text, 5)[0] == '\0' && tilld_text(&a, "a.9", text, sizeof text)[0] == '\0');
	a.data = NULL;
	static const char *const bad[] = {"", "{", "[1,", "{\"a\"}", "{\"a\":}", "\"", "\"\\", "[1 2]", "{} {}", "{a:1}",
		"[,]", "]"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) EXPECT(!tilld_valid(bad[i]));
	char deep[200];
	memset(deep, '[', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	EXPECT(!tilld_valid(deep));
	EXPECT(strcmp(tilld_quote("a\"\\\n", text, sizeof text), "\"a\\\"\\\\\\u000a\"") == 0);
	EXPECT(tilld_quote("abcdefgh", text, 8)[0] == '\0');
	puts("ok");
}

int main(int argc, char **argv) {
	static char token[200];
	tilld till = {.language = "de"};
	if (argc > 3 && strcmp(argv[3], "json") == 0) return json(), 0;
	if (argc < 4) return 2;
	if (strncmp(argv[1], "unix:", 5) == 0) till.socket = argv[1] + 5;
	else till.port = atoi(strrchr(argv[1], ':') + 1);
	if (strcmp(argv[2], "-") != 0) {
		FILE *file = fopen(argv[2], "r");
		if (file == NULL || fgets(token, sizeof token, file) == NULL) return 2;
		fclose(file);
		token[strcspn(token, "\n")] = '\0';
		till.token = token;
	}
	if (strcmp(argv[3], "rounds") == 0) rounds(&till);
	else if (argc == 7) scenario(&till, argv[3], argv[4], argv[5], argv[6]);
	else return 2;
	tilld_free(&a);
	return 0;
}
