package io.berth.engine.log;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Sends lines to syslog, here or elsewhere. */
final class SyslogDriver extends RemoteDriver {
    private static final String ADDRESS = "syslog-address";
    private static final String FACILITY = "syslog-facility";
    private static final String FORMAT = "syslog-format";
    private static final Set<String> OPTIONS = Set.of(
            "env",
            "env-regex",
            "labels",
            "labels-regex",
            ADDRESS,
            FACILITY,
            FORMAT,
            "syslog-tls-ca-cert",
            "syslog-tls-cert",
            "syslog-tls-key",
            "syslog-tls-skip-verify",
            "tag");

    /** In the order of their numbers (RFC 5424, table 1); some numbers have no name. */
    private static final List<String> FACILITIES = List.of(
            "kern",
            "user",
            "mail",
            "daemon",
            "auth",
            "syslog",
            "lpr",
            "news",
            "uucp",
            "cron",
            "authpriv",
            "ftp",
            "",
            "",
            "",
            "",
            "local0",
            "local1",
            "local2",
            "local3",
            "local4",
            "local5",
            "local6",
            "local7");

    private static final int FACILITY_SHIFT = 3;

    @Override
    public String name() {
        return "syslog";
    }

    @Override
    public void check(LogOptions options) {
        for (String option : options.values().keySet()) {
            if (!OPTIONS.contains(option)) {
                throw new LogDriverException("unknown log opt '" + option + "' for syslog log driver");
            }
        }
        Object _ = SyslogAddress.parse(options.text(ADDRESS));
        int _ = facility(options.text(FACILITY));
        Object _ = SyslogFormat.parse(options.text(FORMAT));
    }

    @Override
    LogTarget connect(LogOptions options, LogInfo info, boolean resumed) {
        SyslogAddress address = SyslogAddress.parse(options.text(ADDRESS));
        SyslogFormat format = SyslogFormat.parse(options.text(FORMAT));
        String tag = LogTag.of(options.text("tag").isEmpty() ? LogTag.DEFAULT : options.text("tag"), info);
        boolean encrypted = address.protocol().equals("tcp+tls");
        boolean counted = encrypted && (format == SyslogFormat.RFC5424 || format == SyslogFormat.RFC5424_MICRO);
        try {
            @Nullable SSLContext tls = encrypted ? tls(options) : null;
            SyslogTarget target = new SyslogTarget(
                    new SyslogTarget.Line(format, facility(options.text(FACILITY)), hostName(), tag, counted),
                    () -> SyslogConnection.open(address, tls));
            if (!resumed) {
                target.connect();
            }
            return target;
        } catch (IOException | GeneralSecurityException e) {
            throw new LogDriverException(String.valueOf(e.getMessage()), e);
        }
    }

    private static SSLContext tls(LogOptions options) throws IOException, GeneralSecurityException {
        return SyslogTls.context(
                path(options.text("syslog-tls-ca-cert")),
                path(options.text("syslog-tls-cert")),
                path(options.text("syslog-tls-key")),
                options.values().containsKey("syslog-tls-skip-verify"));
    }

    private static @Nullable Path path(String text) {
        return text.isEmpty() ? null : Path.of(text);
    }

    private static String hostName() throws IOException {
        return InetAddress.getLocalHost().getHostName();
    }

    private static int facility(String text) {
        if (text.isEmpty()) {
            return FACILITIES.indexOf("daemon") << FACILITY_SHIFT;
        }
        int number = text.matches("\\d{1,2}") ? Integer.parseInt(text) : FACILITIES.indexOf(text);
        if (number < 0 || number >= FACILITIES.size()) {
            throw new LogDriverException("invalid syslog facility");
        }
        return number << FACILITY_SHIFT;
    }
}
