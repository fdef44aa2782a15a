package io.berth.engine.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How syslog messages are written (as moby's library srslog does). */
enum SyslogFormat {
    /** What C libraries send to their own host. */
    UNIX("MMM ppd HH:mm:ss") {
        @Override
        String head(int priority, String time, String host, String tag, long pid) {
            return "<" + priority + ">" + time + " " + tag + "[" + pid + "]: ";
        }
    },
    RFC3164("MMM ppd HH:mm:ss") {
        @Override
        String head(int priority, String time, String host, String tag, long pid) {
            return "<" + priority + ">" + time + " " + host + " " + tag + "[" + pid + "]: ";
        }
    },
    RFC5424("yyyy-MM-dd'T'HH:mm:ssXXX") {
        @Override
        String head(int priority, String time, String host, String tag, long pid) {
            return "<" + priority + ">1 " + time + " " + host + " " + tag + " " + pid + " " + tag + " - ";
        }
    },
    RFC5424_MICRO("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX") {
        @Override
        String head(int priority, String time, String host, String tag, long pid) {
            return RFC5424.head(priority, time, host, tag, pid);
        }
    };

    private final DateTimeFormatter times;

    SyslogFormat(String times) {
        this.times = DateTimeFormatter.ofPattern(times, Locale.ENGLISH);
    }

    static SyslogFormat parse(String text) {
        return switch (text) {
            case "" -> UNIX;
            case "rfc3164" -> RFC3164;
            case "rfc5424" -> RFC5424;
            case "rfc5424micro" -> RFC5424_MICRO;
            default -> throw new LogDriverException("Invalid syslog format");
        };
    }

    abstract String head(int priority, String time, String host, String tag, long pid);

    /** One message with its newline. */
    byte[] encode(int priority, Instant at, String host, String tag, LogMessage message) {
        String time = times.format(ZonedDateTime.ofInstant(at, ZoneId.systemDefault()));
        String head = head(priority, time, host, tag, ProcessHandle.current().pid());
        ByteArrayOutputStream encoded = new ByteArrayOutputStream(head.length() + message.length() + 1);
        encoded.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        encoded.write(message.content(), message.offset(), message.length());
        encoded.write('\n');
        return encoded.toByteArray();
    }
}
