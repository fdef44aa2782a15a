/*
 * A resource reaper for Testcontainers: removes what a test run leaves, also one that was killed.
 *
 * Speaks Ryuk's protocol: at port 8080 a client sends lines of filters, "label=a%3Db&label=c", each answered by "ACK", and keeps its connection
 * open. Some seconds after the last connection has ended, containers, networks, volumes and images that match any line are removed by the
 * Docker API at /var/run/docker.sock. Ends after that, and when nobody has come within a minute.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PORT 8080
#define CLIENTS 64
#define FILTERS 64
#define LINE 2048

static char filters[FILTERS][3 * LINE];
static int filter_count;

struct client {
    int socket;
    int length;
    char line[LINE];
};

static int hex(char c) {
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* "label=a%3Db&label=c" to the API's {"label":["a=b","c"]}; what is no label or no text of labels makes the line worthless. */
static int json(const char *line, char *out, size_t size) {
    size_t used = (size_t)snprintf(out, size, "{\"label\":[");
    int labels = 0;
    while (*line) {
        if (strncmp(line, "label=", 6) != 0 || used + LINE > size) {
            return 0;
        }
        line += 6;
        used += (size_t)snprintf(out + used, size - used, "%s\"", labels++ ? "," : "");
        while (*line && *line != '&') {
            char c = *line++;
            if (c == '%' && isxdigit((unsigned char)line[0]) && isxdigit((unsigned char)line[1])) {
                c = (char)(hex(line[0]) * 16 + hex(line[1]));
                line += 2;
            } else if (c == '+') {
                c = ' ';
            }
            if (c == '"' || c == '\\' || (unsigned char)c < ' ' || used + 4 > size) {
                return 0;
            }
            out[used++] = c;
        }
        out[used++] = '"';
        line += *line == '&';
    }
    snprintf(out + used, size - used, "]}");
    return labels > 0;
}

static void encode(const char *text, char *out) {
    for (; *text; text++) {
        if (isalnum((unsigned char)*text)) {
            *out++ = *text;
        } else {
            out += sprintf(out, "%%%02X", (unsigned char)*text);
        }
    }
    *out = 0;
}

/* One request to the engine; the answer, to be freed, or null. */
static char *ask(const char *method, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/var/run/docker.sock"};
    int engine = socket(AF_UNIX, SOCK_STREAM, 0);
    if (engine < 0 || connect(engine, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("reaper: the engine's socket");
        exit(1);
    }
    dprintf(engine, "%s %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", method, path);
    char *answer = NULL;
    size_t length = 0;
    ssize_t got = 0;
    do {
        length += (size_t)got;
        answer = realloc(answer, length + 65537);
        got = read(engine, answer + length, 65536);
    } while (got > 0);
    answer[length] = 0;
    close(engine);
    return answer;
}

/* Removes each thing of a list by the value of this key. */
static void remove_all(const char *list, const char *key, const char *remove, const char *options) {
    char *answer = ask("GET", list);
    char quoted[32];
    snprintf(quoted, sizeof quoted, "\"%s\":\"", key);
    for (char *at = strstr(answer, quoted); at; at = strstr(at, quoted)) {
        char *value = at += strlen(quoted);
        at = strchr(at, '"');
        if (!at) {
            break;
        }
        *at++ = 0;
        char path[512];
        snprintf(path, sizeof path, "%s/%s%s", remove, value, options);
        free(ask("DELETE", path));
        printf("removed %s\n", path);
        fflush(stdout);
    }
    free(answer);
}

static void reap(void) {
    for (int i = 0; i < filter_count; i++) {
        static char json_text[4 * LINE], encoded[12 * LINE], path[13 * LINE];
        if (!json(filters[i], json_text, sizeof json_text)) {
            continue;
        }
        encode(json_text, encoded);
        snprintf(path, sizeof path, "/containers/json?all=1&filters=%s", encoded);
        remove_all(path, "Id", "/containers", "?force=1&v=1");
        snprintf(path, sizeof path, "/networks?filters=%s", encoded);
        remove_all(path, "Id", "/networks", "");
        snprintf(path, sizeof path, "/volumes?filters=%s", encoded);
        remove_all(path, "Name", "/volumes", "?force=1");
        snprintf(path, sizeof path, "/images/json?filters=%s", encoded);
        remove_all(path, "Id", "/images", "?force=1");
    }
}

static void accept_line(struct client *client) {
    client->line[strcspn(client->line, "\r\n")] = 0;
    if (*client->line && filter_count < FILTERS) {
        strcpy(filters[filter_count++], client->line);
    }
    if (write(client->socket, "ACK\n", 4) < 0) {
        perror("reaper: ACK");
    }
}

/* Returns whether the client is still there. */
static int receive(struct client *client) {
    char c;
    if (read(client->socket, &c, 1) <= 0) {
        close(client->socket);
        return 0;
    }
    if (client->length < LINE - 2) {
        client->line[client->length++] = c;
    }
    if (c == '\n') {
        client->line[client->length] = 0;
        client->length = 0;
        accept_line(client);
    }
    return 1;
}

static int millis(const char *name, int otherwise) { /* "10s" or "1500ms" */
    const char *text = getenv(name);
    return !text ? otherwise : strstr(text, "ms") ? atoi(text) : atoi(text) * 1000;
}

int main(void) {
    static struct client clients[CLIENTS];
    int count = 0;
    int on = 1;
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(PORT), .sin6_addr = IN6ADDR_ANY_INIT};
    struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct sockaddr *address = (struct sockaddr *)&any;
    socklen_t size = sizeof any;
    if (listener < 0) { /* a kernel without IPv6 */
        listener = socket(AF_INET, SOCK_STREAM, 0);
        address = (struct sockaddr *)&any4;
        size = sizeof any4;
    }
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, address, size) < 0 || listen(listener, CLIENTS) < 0) {
        perror("reaper: port 8080");
        return 1;
    }
    int patience = millis("RYUK_CONNECTION_TIMEOUT", 60000);
    printf("Started\n"); /* which is what Testcontainers waits for */
    fflush(stdout);
    for (;;) {
        struct pollfd polled[CLIENTS + 1] = {{.fd = listener, .events = POLLIN}};
        for (int i = 0; i < count; i++) {
            polled[i + 1] = (struct pollfd){.fd = clients[i].socket, .events = POLLIN};
        }
        int ready = poll(polled, (nfds_t)count + 1, count ? -1 : patience);
        if (ready == 0) {
            reap();
            return 0;
        }
        for (int i = count - 1; i >= 0; i--) {
            if (polled[i + 1].revents && !receive(&clients[i])) {
                clients[i] = clients[--count];
                patience = millis("RYUK_RECONNECTION_TIMEOUT", 10000);
            }
        }
        if (polled[0].revents && count < CLIENTS) {
            int socket = accept(listener, NULL, NULL);
            if (socket >= 0) {
                clients[count++] = (struct client){.socket = socket};
            }
        }
    }
}
