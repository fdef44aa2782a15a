package io.berth.unixhttp;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** One request without memory is that request's; several, or a thread of the service's own, end the process. */
class HeapWatchTest {
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger ends = new AtomicInteger();
    private final HeapWatch watch = new HeapWatch(nanos::get, ends::incrementAndGet);

    @Test
    void aRequestWithoutMemoryIsAnsweredWith503() {
        MockHttpServletResponse response = new MockHttpServletResponse();
        ServletException wrapped =
                new ServletException("Handler dispatch failed", new OutOfMemoryError("Java heap space"));
        assertThat(new OutOfMemoryResolver(watch)
                        .resolveException(new MockHttpServletRequest(), response, null, wrapped))
                .isNotNull();
        assertThat(response.getStatus()).isEqualTo(503);
        assertThat(ends).hasValue(0);
    }

    @Test
    void otherFailuresAreLeftToTheService() {
        MockHttpServletResponse response = new MockHttpServletResponse();
        assertThat(new OutOfMemoryResolver(watch)
                        .resolveException(new MockHttpServletRequest(), response, null, new IOException("gone")))
                .isNull();
        assertThat(watch.isOutOfMemory(new StackOverflowError())).isFalse();
        assertThat(response.getStatus()).isEqualTo(200);
    }

    @Test
    void manyWithinAMinuteEndTheProcess() {
        for (int i = 0; i < 20; i++) {
            assertThat(watch.isOutOfMemory(new OutOfMemoryError())).isTrue();
            nanos.addAndGet(10_000_000_000L);
        }
        assertThat(ends).hasValue(0);
        for (int i = 0; i < 8; i++) {
            assertThat(watch.isOutOfMemory(new OutOfMemoryError())).isTrue();
        }
        assertThat(ends.get()).isPositive();
    }

    @Test
    void aThreadThatHadNoMemoryEndsTheProcess() throws InterruptedException {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        watch.begin();
        try {
            fail(new IllegalStateException("a defect"));
            assertThat(ends).hasValue(0);
            fail(new IllegalStateException(new OutOfMemoryError("Java heap space")));
            assertThat(ends).hasValue(1);
        } finally {
            watch.close();
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    private static void fail(RuntimeException failure) throws InterruptedException {
        Thread thread = Thread.ofVirtual().start(() -> {
            throw failure;
        });
        thread.join();
    }
}
