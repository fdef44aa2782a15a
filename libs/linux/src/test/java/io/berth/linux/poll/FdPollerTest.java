package io.berth.linux.poll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.terminal.Pipe;
import io.berth.linux.terminal.Pty;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FdPollerTest {
    private final FdPoller poller = FdPoller.start("test-poller");

    @AfterEach
    void close() {
        poller.close();
    }

    @Test
    void tellsBytesAndThenTheEnd() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (Pipe pipe = Pipe.open("test");
                FdChannel reader = new FdChannel(pipe.reader());
                FdChannel writer = new FdChannel(pipe.writer());
                FdWatch watch = poller.watch(reader.fd(), Interest.READABLE, (self, readiness) -> {
                    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
                    if (reader.read(buffer) < 0) {
                        seen.add("end " + readiness.hungUp());
                        self.close();
                    } else {
                        seen.add(UTF_8.decode(buffer.flip()).toString());
                    }
                })) {
            assertThat(writer.write(ByteBuffer.wrap("one".getBytes(UTF_8)))).isEqualTo(3);
            assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo("one");
            writer.fd().close();
            assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo("end true");
            assertThat(watch.fd().isOpen()).isTrue();
        }
    }

    @Test
    void saysNothingWhilePausedNotEvenAHangUp() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch told = new CountDownLatch(1);
        try (Pipe pipe = Pipe.open("test");
                FdWatch watch = poller.watchLater(pipe.reader(), Interest.READABLE, (self, readiness) -> {
                    calls.incrementAndGet();
                    self.pause();
                    told.countDown();
                })) {
            pipe.writer().close();
            roundTrip();
            assertThat(calls).hasValue(0);
            watch.resume();
            assertThat(told.await(5, TimeUnit.SECONDS)).isTrue();
            roundTrip();
            assertThat(calls).hasValue(1);
        }
    }

    @Test
    void watchesOneFileTwice() throws Exception {
        CompletableFuture<Readiness> writable = new CompletableFuture<>();
        CompletableFuture<Readiness> readable = new CompletableFuture<>();
        try (Pty pty = Pty.open();
                var peer = pty.openPeer();
                FdChannel program = new FdChannel(peer);
                FdWatch first = poller.watch(pty.master(), Interest.READABLE, (self, readiness) -> {
                    self.pause();
                    readable.complete(readiness);
                });
                FdWatch second = poller.watch(pty.master(), Interest.WRITABLE, (self, readiness) -> {
                    self.pause();
                    writable.complete(readiness);
                })) {
            assertThat(writable.get(5, TimeUnit.SECONDS).writable()).isTrue();
            assertThat(readable).isNotDone();
            assertThat(program.write(ByteBuffer.wrap(new byte[] {'x'}))).isEqualTo(1);
            assertThat(readable.get(5, TimeUnit.SECONDS).readable()).isTrue();
            assertThat(first.fd()).isSameAs(second.fd());
        }
    }

    @Test
    void goesOnAfterAListenerFails() throws Exception {
        CountDownLatch second = new CountDownLatch(1);
        try (Pipe failing = Pipe.open("failing");
                Pipe working = Pipe.open("working")) {
            Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
            CompletableFuture<Throwable> reported = new CompletableFuture<>();
            Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> reported.complete(failure));
            try (FdWatch first = poller.watch(failing.writer(), Interest.WRITABLE, (self, readiness) -> {
                        throw new IllegalStateException("meant to fail");
                    });
                    FdWatch next = poller.watch(working.writer(), Interest.WRITABLE, (self, readiness) -> {
                        self.pause();
                        second.countDown();
                    })) {
                assertThat(reported.get(5, TimeUnit.SECONDS)).hasMessage("meant to fail");
                assertThat(second.await(5, TimeUnit.SECONDS)).isTrue();
                assertThat(first.fd()).isNotSameAs(next.fd());
            } finally {
                Thread.setDefaultUncaughtExceptionHandler(before);
            }
        }
    }

    @Test
    void refusesRegularFiles(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("file"), "");
        try (Directory opened = Directory.open(directory);
                FileHandle file = opened.openRegular("file")) {
            assertThatThrownBy(() -> poller.watch(file.fd(), Interest.READABLE, (self, readiness) -> {}))
                    .isInstanceOfSatisfying(
                            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
        }
    }

    @Test
    void closingAWatchWaitsForItsListener() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        try (Pipe pipe = Pipe.open("test")) {
            FdWatch watch = poller.watch(pipe.writer(), Interest.WRITABLE, (self, readiness) -> {
                running.set(1);
                inside.countDown();
                awaitQuietly(leave);
                running.set(0);
            });
            inside.await();
            Thread closer = Thread.ofVirtual().start(watch::close);
            leave.countDown();
            closer.join();
            assertThat(running).hasValue(0);
        }
    }

    @Test
    void streamsBothWaysOnVirtualThreads() throws Exception {
        long seed = System.nanoTime();
        byte[] content = new byte[3_000_000];
        new Random(seed).nextBytes(content);
        List<Thread> threads = new ArrayList<>();
        // More than there are carriers, so that a pinned wait would stop the rest.
        for (int i = 0; i < 16; i++) {
            Pipe pipe = Pipe.open("stream " + i);
            CompletableFuture<byte[]> received = new CompletableFuture<>();
            threads.add(Thread.ofVirtual().start(() -> {
                try (InputStream in = new FdChannel(pipe.reader()).inputStream(poller)) {
                    received.complete(in.readAllBytes());
                } catch (IOException e) {
                    received.completeExceptionally(e);
                }
            }));
            threads.add(Thread.ofVirtual().start(() -> {
                try (OutputStream out = new FdChannel(pipe.writer()).outputStream(poller)) {
                    out.write(content);
                } catch (IOException e) {
                    received.completeExceptionally(e);
                }
            }));
            assertThat(received.get(20, TimeUnit.SECONDS)).as("seed %d", seed).isEqualTo(content);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void closingAChannelEndsItsReader() throws Exception {
        try (Pipe pipe = Pipe.open("test")) {
            FdChannel channel = new FdChannel(pipe.reader());
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread reader = readUntilItFails(channel, failure);
            while (reader.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            channel.close();
            assertThat(failure.get(5, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void closingThePollerEndsReaders() throws Exception {
        try (Pipe pipe = Pipe.open("test")) {
            FdChannel channel = new FdChannel(pipe.reader());
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread reader = readUntilItFails(channel, failure);
            while (reader.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            poller.close();
            assertThat(failure.get(5, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void interruptingAReaderFailsTheRead() throws Exception {
        try (Pipe pipe = Pipe.open("test")) {
            FdChannel channel = new FdChannel(pipe.reader());
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread reader = readUntilItFails(channel, failure);
            reader.interrupt();
            assertThat(failure.get(5, TimeUnit.SECONDS)).isInstanceOf(java.io.InterruptedIOException.class);
        }
    }

    @Test
    void watchesFiveHundredIdlePipesAndFindsTheBusyOne() throws Exception {
        List<Pipe> pipes = new ArrayList<>();
        List<FdWatch> watches = new ArrayList<>();
        BlockingQueue<Integer> ready = new LinkedBlockingQueue<>();
        try {
            for (int i = 0; i < 500; i++) {
                Pipe pipe = Pipe.open("idle " + i);
                pipes.add(pipe);
                int index = i;
                watches.add(poller.watch(pipe.reader(), Interest.READABLE, (self, readiness) -> {
                    self.pause();
                    ready.add(index);
                }));
            }
            var writer = new FdChannel(pipes.get(321).writer());
            assertThat(writer.write(ByteBuffer.wrap(new byte[1]))).isEqualTo(1);
            assertThat(ready.poll(5, TimeUnit.SECONDS)).isEqualTo(321);
            roundTrip();
            assertThat(ready).isEmpty();
        } finally {
            watches.forEach(FdWatch::close);
            pipes.forEach(Pipe::close);
        }
    }

    private Thread readUntilItFails(FdChannel channel, CompletableFuture<Throwable> failure) {
        return Thread.ofVirtual().start(() -> {
            try {
                failure.completeExceptionally(
                        new AssertionError("read " + channel.inputStream(poller).read()));
            } catch (IOException e) {
                failure.complete(e);
            }
        });
    }

    /** Waits until the poller has been through its queue twice, so that anything it had to tell has been told. */
    private void roundTrip() throws Exception {
        for (int i = 0; i < 2; i++) {
            CountDownLatch done = new CountDownLatch(1);
            poller.execute(done::countDown);
            assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
