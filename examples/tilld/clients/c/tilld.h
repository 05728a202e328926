/* A client of tilld in C99 with POSIX sockets. Copy this file; it needs nothing else. In one source file of a program
 *
 *     #define TILLD_IMPLEMENTATION
 *     #include "tilld.h"
 *
 * and in the others the include alone. That file defines _POSIX_C_SOURCE 200809L before its first include.
 *
 *     tilld till = {.socket = "till/tilld.sock"};                  // or: {.port = 7345, .token = token}
 *     tilld_answer a;
 *     if (tilld_redeem(&till, "{\"scanned\":\"...\",\"saleKey\":\"2026-11-26/7/42\"}", &a) == TILLD_OK)
 *         if (!tilld_equals(&a, "outcome", "allow")) show(&a, "message");
 *     tilld_free(&a);
 *
 * A body is JSON with the fields of transport/local/openapi.yaml; tilld_quote writes a text in it. A part of an answer
 * is
 * named by its path, such as "reasons.0.code". A refusal is a decision, with TILLD_OK. Where no answer comes a call is
 * repeated with the same keys until the patience is over, and then is TILLD_OUTCOME_UNKNOWN: call again with the same
 * keys
 * until there is an answer. A tilld is not changed by calls, and may be used by several threads. */
#ifndef TILLD_H
#define TILLD_H

#include <stddef.h>

typedef struct tilld {
	const char *socket;   /* the Unix socket's file; NULL: the port of loopback, with the token */
	int port;
	const char *token;    /* without white space around it */
	const char *language; /* the cashier's, as in Accept-Language; NULL: en */
	int patience_ms;      /* how long a call is repeated where no answer comes; 0: 10,000 */
	int timeout_ms;       /* how long one answer may take; 0: 30,000 */
} tilld;

typedef enum tilld_result {
	TILLD_OK,
	TILLD_ACCESS,          /* this program may not call: look at the token, or at the socket's rights */
	TILLD_REQUEST,         /* the call is wrong, or names what is not there: mend the program */
	TILLD_CONFLICT,        /* it cannot be done as things stand; "reasons" may say what a manager has to decide */
	TILLD_BACKEND,         /* the backend cannot be reached, or refused; nothing is lost */
	TILLD_OUTCOME_UNKNOWN, /* it may have been done: call again with the same keys until there is an answer */
	TILLD_FAILED           /* the till could not do it; "code" is one of CODES.md */
} tilld_result;

/* An answer is the JSON of the answer or, with a result other than TILLD_OK, of the problem; its "message" is for the
 * cashier. data is NULL where no answer came. */
typedef struct tilld_answer {
	int status;
	char *data; /* of size bytes, and a zero byte behind them */
	size_t size;
} tilld_answer;

/* tilld_call makes any call by its name, and may wait some seconds longer for it. */
tilld_result tilld_call(const tilld *t, const char *name, const char *body, int wait_seconds, tilld_answer *a);
/* tilld_send makes a call whose body is no JSON, such as a picture. */
tilld_result tilld_send(const tilld *t, const char *name, const void *body, size_t size, const char *type,
    int wait_seconds,
	tilld_answer *a);
void tilld_free(tilld_answer *a);

/* What the calls with names of their own take and answer stands in openapi.yaml. */
#define TILLD_CALL(function, name) \
	static inline tilld_result function(const tilld *t, const char *body, tilld_answer *a) { \
		return tilld_call(t, name, body, 0, a); \
	}
TILLD_CALL(tilld_check, "check")
TILLD_CALL(tilld_reserve, "reserve")
TILLD_CALL(tilld_release, "release")
TILLD_CALL(tilld_redeem, "redeem")
TILLD_CALL(tilld_correct, "correct")
TILLD_CALL(tilld_void, "void")
TILLD_CALL(tilld_records, "records")
TILLD_CALL(tilld_totals, "totals")
TILLD_CALL(tilld_acknowledge, "acknowledge")
TILLD_CALL(tilld_install_bundle, "install-bundle")
TILLD_CALL(tilld_end_forgotten, "end-forgotten")
TILLD_CALL(tilld_scanner_learn, "scanner-learn")
TILLD_CALL(tilld_scanner_read, "scanner-read")
TILLD_CALL(tilld_draw, "draw")
tilld_result tilld_status(const tilld *t, tilld_answer *a);
tilld_result tilld_scanner_test(const tilld *t, tilld_answer *a);
tilld_result tilld_verdicts(const tilld *t, int wait_seconds, tilld_answer *a);
tilld_result tilld_report(const tilld *t, int wait_seconds, tilld_answer *a);
tilld_result tilld_rotate_key(const tilld *t, int wait_seconds, tilld_answer *a);
/* tilld_read_picture reads a picture of a type such as image/png, tilld_read_frame luminance, one byte a pixel. */
tilld_result tilld_read_picture(const tilld *t, const void *picture, size_t size, const char *type, tilld_answer *a);
tilld_result tilld_read_frame(const tilld *t, const void *luminance, int width, int height, tilld_answer *a);

/* tilld_quote writes a text as JSON, quotes included, and returns out; where it does not fit, the empty text. */
char *tilld_quote(const char *text, char *out, size_t size);

/* What an answer has at a path. What is absent is the empty text, 0 and false, and so is a text that does not fit. */
const char *tilld_text(const tilld_answer *a, const char *path, char *out, size_t size);
double tilld_number(const tilld_answer *a, const char *path);
int tilld_is(const tilld_answer *a, const char *path);
int tilld_equals(const tilld_answer *a, const char *path, const char *text);
/* tilld_count counts the elements of a list. */
int tilld_count(const tilld_answer *a, const char *path);

#endif

#ifdef TILLD_IMPLEMENTATION

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* --- JSON (RFC 8259): skips over values, and decodes what is asked for. */

static const char *tilld_space(const char *s) {
	while (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n') s++;
	return s;
}

/* tilld_skip returns where a value ends, or NULL where there is none. */
static const char *tilld_skip(const char *s, int depth) {
	s = tilld_space(s);
	if (depth > 64) return NULL;
	if (*s == '"') {
		for (s++; *s != '"'; s++)
			if (*s == '\0' || (*s == '\\' && *++s == '\0')) return NULL;
		return s + 1;
	}
	if (*s == '{' || *s == '[') {
		const char end = *s == '{' ? '}' : ']';
		s = tilld_space(s + 1);
		if (*s == end) return s + 1;
		for (;;) {
			if (end == '}') {
				if (*(s = tilld_space(s)) != '"' || (s = tilld_skip(s, depth + 1)) == NULL) return NULL;
				if (*(s = tilld_space(s)) != ':') return NULL;
				s++;
			}
			if ((s = tilld_skip(s, depth + 1)) == NULL) return NULL;
			s = tilld_space(s);
			if (*s == end) return s + 1;
			if (*s++ != ',') return NULL;
		}
	}
	const size_t n = strspn(s, "+-.0123456789eEtrufalsn");
	return n ? s + n : NULL;
}

/* tilld_valid reports whether a text is one value. What it lets through that is no JSON is harmless to read. */
static int tilld_valid(const char *s) {
	s = tilld_skip(s, 0);
	return s != NULL && *tilld_space(s) == '\0';
}

/* tilld_find returns the value at a path, or NULL. The text is valid. */
static const char *tilld_find(const tilld_answer *a, const char *path) {
	const char *s = a->data;
	while (s != NULL && *path != '\0') {
		const size_t n = strcspn(path, ".");
		s = tilld_space(s);
		const char kind = *s;
		if (kind != '{' && kind != '[') return NULL;
		long left = kind == '[' ? strtol(path, NULL, 10) : 0;
		for (s = tilld_space(s + 1);; s = tilld_space(s + 1)) { /* behind a bracket or a comma */
			if (*s == '}' || *s == ']') return NULL;
			const char *name = s;
			if (kind == '{') s = tilld_space(tilld_skip(s, 0)) + 1;
			if (kind == '{' ? strncmp(name + 1, path, n) == 0 && name[n + 1] == '"' : left-- == 0) break;
			s = tilld_space(tilld_skip(s, 0));
			if (*s != ',') return NULL;
		}
		path += n + (path[n] == '.');
	}
	return s == NULL ? NULL : tilld_space(s);
}

static size_t tilld_utf8(unsigned long c, char *out) {
	if (c < 0x80) return out[0] = (char)c, 1;
	if (c < 0x800) return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
	if (c < 0x10000)
		return out[0] = (char)(0xe0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)), out[2] = (char)(0x80 | (c & 63)), 3;
	out[0] = (char)(0xf0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63));
	return out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63)), 4;
}

static unsigned long tilld_hex(const char **s) {
	char digits[5] = {0};
	for (int i = 0; i < 4 && (*s)[0] != '"'; i++) digits[i] = *(*s)++;
	return strtoul(digits, NULL, 16);
}

const char *tilld_text(const tilld_answer *a, const char *path, char *out, size_t size) {
	const char *s = tilld_find(a, path);
	size_t n = 0;
	if (size > 0) out[0] = '\0';
	if (s == NULL || *s != '"') return out;
	for (s++; *s != '"';) {
		char piece[4];
		size_t m = 1;
		piece[0] = *s++;
		if (piece[0] == '\\') {
			static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
			const char c = *s++;
			const char *simple = strchr(from, c);
			piece[0] = simple != NULL ? to[simple - from] : c;
			if (c == 'u') {
				unsigned long code = tilld_hex(&s);
				if (code >= 0xd800 && code < 0xdc00 && s[0] == '\\' && s[1] == 'u') {
					s += 2;
					code = 0x10000 + ((code - 0xd800) << 10) + (tilld_hex(&s) & 0x3ff);
				}
				m = tilld_utf8(code, piece);
			}
		}
		if (n + m >= size) return size > 0 ? (out[0] = '\0', out) : out;
		memcpy(out + n, piece, m);
		out[n += m] = '\0';
	}
	return out;
}

double tilld_number(const tilld_answer *a, const char *path) {
	const char *s = tilld_find(a, path);
	return s == NULL || *s == '"' ? 0 : strtod(s, NULL);
}

int tilld_is(const tilld_answer *a, const char *path) {
	const char *s = tilld_find(a, path);
	return s != NULL && strncmp(s, "true", 4) == 0;
}

int tilld_equals(const tilld_answer *a, const char *path, const char *text) {
	const size_t size = strlen(text) + 2;
	char *found = malloc(size);
	const int same = found != NULL && strcmp(tilld_text(a, path, found, size), text) == 0;
	free(found);
	return same;
}

int tilld_count(const tilld_answer *a, const char *path) {
	const char *s = tilld_find(a, path);
	if (s == NULL || *s != '[' || *(s = tilld_space(s + 1)) == ']') return 0;
	for (int n = 1;; n++) {
		s = tilld_space(tilld_skip(s, 0));
		if (*s++ != ',') return n;
	}
}

char *tilld_quote(const char *text, char *out, size_t size) {
	size_t n = 0;
	if (size > 0) out[0] = '\0';
	if (size < 3) return out;
	out[n++] = '"';
	for (; *text != '\0'; text++) {
		if (n + 8 > size) return out[0] = '\0', out;
		if (*text == '"' || *text == '\\') out[n++] = '\\';
		if ((unsigned char)*text < ' ') n += (size_t)snprintf(out + n, 7, "\\u%04x", (unsigned char)*text);
		else out[n++] = *text;
	}
	out[n++] = '"';
	out[n] = '\0';
	return out;
}

/* --- HTTP/1.0 (RFC 1945): one connection a call. */

static int tilld_connect(const tilld *t, int timeout_ms) {
	const int fd = socket(t->socket != NULL ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
	if (fd < 0) return -1;
	struct timeval wait = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct sockaddr_in port = {.sin_family = AF_INET, .sin_port = htons((unsigned short)t->port)};
	port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int failed;
	if (t->socket != NULL) {
		if (strlen(t->socket) >= sizeof local.sun_path) return close(fd), -1;
		strcpy(local.sun_path, t->socket);
		failed = connect(fd, (struct sockaddr *)&local, sizeof local);
	} else {
		failed = connect(fd, (struct sockaddr *)&port, sizeof port);
	}
	return failed ? close(fd), -1 : fd;
}

static int tilld_write(int fd, const char *data, size_t size) {
	while (size > 0) {
		const ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
		if (n <= 0) return -1;
		data += n, size -= (size_t)n;
	}
	return 0;
}

/* tilld_read reads to the end, at most 64 MiB. */
static char *tilld_read(int fd, size_t *size) {
	size_t room = 1 << 14;
	char *data = malloc(room);
	for (*size = 0; data != NULL;) {
		if (*size + 1 == room) {
			char *more = room < (size_t)64 << 20 ? realloc(data, room *= 2) : NULL;
			if (more == NULL) break;
			data = more;
		}
		const ssize_t n = recv(fd, data + *size, room - *size - 1, 0);
		if (n < 0) break;
		data[*size += (size_t)n] = '\0';
		if (n == 0) return data;
	}
	free(data);
	return NULL;
}

/* tilld_parse takes the head off an answer; it fails where the answer is cut off. */
static int tilld_parse(tilld_answer *a) {
	char *body = a->data == NULL ? NULL : strstr(a->data, "\r\n\r\n");
	if (body == NULL || sscanf(a->data, "HTTP/1.%*d %d", &a->status) != 1) return -1;
	body += 4;
	a->size -= (size_t)(body - a->data);
	const char *length = strstr(a->data, "\r\nContent-Length: ");
	if (length != NULL && length < body && strtoul(length + 18, NULL, 10) != a->size) return -1;
	const char *type = strstr(a->data, "\r\nContent-Type: application/");
	const int json = type != NULL && type < body && strstr(type, "json") != NULL;
	memmove(a->data, body, a->size + 1);
	return (json || a->status != 200) && !tilld_valid(a->data) ? -1 : 0;
}

static tilld_result tilld_once(const tilld *t, const char *name, const void *body, size_t size, const char *type,
    int wait,
	tilld_answer *a) {
	char head[2048];
	const int n = snprintf(head, sizeof head,
		"POST /v1/%s HTTP/1.0\r\nHost: localhost\r\nOfflane-Local: 1\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"Accept-Language: %s\r\n%s%s%s\r\n",
		name, type, size, t->language != NULL ? t->language : "en", t->token != NULL ? "Authorization: Bearer " : "",
		t->token != NULL ? t->token : "", t->token != NULL ? "\r\n" : "");
	if (n < 0 || (size_t)n >= sizeof head) return TILLD_REQUEST;
	const int fd = tilld_connect(t, (t->timeout_ms > 0 ? t->timeout_ms : 30000) + 1000 * wait);
	if (fd < 0) return TILLD_OUTCOME_UNKNOWN;
	/* A till that refuses a long body answers before it is all sent: the answer is read in any case. */
	if (tilld_write(fd, head, (size_t)n) == 0) (void)tilld_write(fd, body, size);
	a->data = tilld_read(fd, &a->size);
	close(fd);
	if (tilld_parse(a) != 0) return TILLD_OUTCOME_UNKNOWN;
	switch (a->status) {
	case 200: return TILLD_OK;
	case 401: case 403: return TILLD_ACCESS;
	case 400: case 404: case 405: case 413: case 422: return TILLD_REQUEST;
	case 409: return TILLD_CONFLICT;
	case 502: return TILLD_BACKEND;
	case 504: return TILLD_OUTCOME_UNKNOWN;
	default: return TILLD_FAILED;
	}
}

static long tilld_now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

tilld_result tilld_send(const tilld *t, const char *name, const void *body, size_t size, const char *type,
    int wait_seconds,
	tilld_answer *a) {
	const long end = tilld_now_ms() + (t->patience_ms > 0 ? t->patience_ms : 10000);
	for (long pause = 20;; pause = pause < 500 ? 2 * pause : 1000) {
		*a = (tilld_answer){0};
		const tilld_result result = tilld_once(t, name, body, size, type, wait_seconds, a);
		if (result != TILLD_OUTCOME_UNKNOWN) return result;
		if (tilld_now_ms() + pause > end) {
			if (a->data != NULL && !tilld_valid(a->data)) tilld_free(a);
			return result;
		}
		tilld_free(a);
		nanosleep(&(struct timespec){.tv_sec = pause / 1000, .tv_nsec = pause % 1000 * 1000000}, NULL);
	}
}

tilld_result tilld_call(const tilld *t, const char *name, const char *body, int wait_seconds, tilld_answer *a) {
	return tilld_send(t, name, body, strlen(body), "application/json", wait_seconds, a);
}

void tilld_free(tilld_answer *a) {
	free(a->data);
	*a = (tilld_answer){0};
}

tilld_result tilld_status(const tilld *t, tilld_answer *a) { return tilld_call(t, "status", "{}", 0, a); }

tilld_result tilld_scanner_test(const tilld *t, tilld_answer *a) { return tilld_call(t, "scanner-test", "{}", 0, a); }

static tilld_result tilld_wait(const tilld *t, const char *name, int wait_seconds, tilld_answer *a) {
	char body[40];
	snprintf(body, sizeof body, "{\"waitSeconds\":%d}", wait_seconds);
	return tilld_call(t, name, body, wait_seconds, a);
}

tilld_result tilld_verdicts(const tilld *t, int wait_seconds, tilld_answer *a) {
	return tilld_wait(t, "verdicts", wait_seconds, a);
}

tilld_result tilld_report(const tilld *t, int wait_seconds, tilld_answer *a) {
	return tilld_wait(t, "report", wait_seconds, a);
}

tilld_result tilld_rotate_key(const tilld *t, int wait_seconds, tilld_answer *a) {
	return tilld_wait(t, "rotate-key", wait_seconds, a);
}

tilld_result tilld_read_picture(const tilld *t, const void *picture, size_t size, const char *type, tilld_answer *a) {
	return tilld_send(t, "read-picture", picture, size, type, 0, a);
}

tilld_result tilld_read_frame(const tilld *t, const void *luminance, int width, int height, tilld_answer *a) {
	char name[64];
	snprintf(name, sizeof name, "read-picture?width=%d&height=%d", width, height);
	return tilld_send(t, name, luminance, (size_t)width * (size_t)height, "application/octet-stream", 0, a);
}

#endif
