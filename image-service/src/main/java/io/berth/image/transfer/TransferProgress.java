package io.berth.image.transfer;

import io.berth.docker.image.JsonMessage;
import io.berth.docker.image.JsonMessage.ProgressDetail;
import io.berth.image.progress.ProgressStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;

/**
 * Tells a client how a pull or push goes on, in the lines that Docker writes (moby: pkg/streamformatter, pkg/jsonmessage).
 * Thread-safe. Each method throws {@link ClientGone} when nobody listens any more.
 */
final class TransferProgress {
    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final int BAR_WIDTH = 50;
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    private final ProgressStream out;
    private boolean ended;

    TransferProgress(ProgressStream out) {
        this.out = out;
    }

    /** A line about the whole. */
    void message(String status) throws ClientGone {
        send(JsonMessage.status(status));
    }

    /** A line about the whole, marked with a tag or digest: {@code latest: Pulling from library/busybox}. */
    void message(String id, String status) throws ClientGone {
        send(new JsonMessage(null, status, null, id, null, null, null, null));
    }

    /** What happens to one layer. */
    void layer(String id, String status) throws ClientGone {
        send(JsonMessage.status(id, status));
    }

    /** How far one layer has come, in bytes. */
    void layer(String id, String status, long current, long total) throws ClientGone {
        send(new JsonMessage(
                null, status, new ProgressDetail(current, total), id, bar(current, total), null, null, null));
    }

    /** Something for programs. */
    void aux(Object value) throws ClientGone {
        send(new JsonMessage(null, null, ProgressDetail.NONE, null, null, null, null, value));
    }

    /** Says that nobody waits for this any more: parts that still run fail at their next line, which is not written. */
    synchronized void end() {
        ended = true;
    }

    private synchronized void send(JsonMessage message) throws ClientGone {
        if (ended) {
            throw new ClientGone(new IOException("the transfer has ended"));
        }
        try {
            out.send(message);
        } catch (IOException e) {
            throw new ClientGone(e);
        }
    }

    /** A counter that reports one layer's bytes, not more often than people can read. */
    Meter meter(String id, String status, long total) {
        return new Meter(id, status, total);
    }

    /** Counts one layer's bytes. Used by one thread. */
    final class Meter {
        private final String id;
        private final String status;
        private final long total;
        private long next = System.nanoTime();

        private Meter(String id, String status, long total) {
            this.id = id;
            this.status = status;
            this.total = total;
        }

        void at(long current) throws ClientGone {
            long now = System.nanoTime();
            if (now - next >= 0 || current == total) {
                next = now + INTERVAL.toNanos();
                layer(id, status, current, total);
            }
        }
    }

    /** {@code [=====>    ]  1.049MB/2.097MB}, as clients of old print it. */
    static String bar(long current, long total) {
        if (total <= 0) {
            return current <= 0 ? "" : "%8s".formatted(size(current));
        }
        int filled = (int) Math.min(BAR_WIDTH, current * 100 / total / 2);
        String numbers =
                current > total ? "%8s".formatted(size(current)) : "%8s/%s".formatted(size(current), size(total));
        return "[" + "=".repeat(filled) + ">" + " ".repeat(BAR_WIDTH - filled) + "] " + numbers;
    }

    /** Four significant digits and a decimal unit: {@code 1.049MB} (go-units, HumanSize). */
    private static String size(long bytes) {
        BigDecimal value = BigDecimal.valueOf(bytes);
        int unit = 0;
        while (value.compareTo(BigDecimal.valueOf(1000)) >= 0 && unit < UNITS.length - 1) {
            value = value.movePointLeft(3);
            unit++;
        }
        BigDecimal rounded = value.round(new MathContext(4));
        String digits =
                rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
        return digits + UNITS[unit];
    }
}
