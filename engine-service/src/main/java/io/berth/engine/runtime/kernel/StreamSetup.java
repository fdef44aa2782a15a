package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import io.berth.engine.runtime.ContainerProcess.Stream;
import io.berth.engine.runtime.StdioMode;
import io.berth.engine.runtime.kernel.ProcessSetup.ChildStreams;
import io.berth.engine.runtime.kernel.ProcessStreams.Output;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.poll.FdChannel;
import io.berth.linux.terminal.Pipe;
import io.berth.linux.terminal.Pty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Standard streams made for one launch: the child's ends, which this object owns and closes once the child has them, and the
 * engine's.
 */
final class StreamSetup implements AutoCloseable {
    /** Group {@code tty}, which may write to terminals. */
    static final int TTY_GROUP = 5;

    private final ChildStreams child;
    private final ProcessStreams engine;
    private final List<Fd> childEnds;
    private boolean taken;

    private StreamSetup(ChildStreams child, ProcessStreams engine, List<Fd> childEnds) {
        this.child = child;
        this.engine = engine;
        this.childEnds = childEnds;
    }

    /**
     * Of a container that outlives the engine: what keeps the engine's ends keeps its output from breaking.
     *
     * @param uid of the host, who may open them again through /dev/stdout
     */
    static StreamSetup lasting(StdioMode mode, long uid) {
        return pipes(mode, uid, mode.stdin() && !mode.stdinOnce());
    }

    /**
     * Of an exec, which does not outlive the engine.
     *
     * @param uid of the host, who may open them again
     */
    static StreamSetup pipes(StdioMode mode, long uid) {
        return pipes(mode, uid, false);
    }

    /**
     * @param openInput whether the process holds both ends of its input, so that it does not end while no engine is there
     */
    private static StreamSetup pipes(StdioMode mode, long uid, boolean openInput) {
        Ends ends = new Ends();
        try {
            Pipe output = Pipe.open(ProcessStreams.STDOUT);
            Fd stdoutReader = ends.engine(output.reader());
            Fd stdout = ends.child(owned(output.writer(), uid));
            Pipe error = Pipe.open(ProcessStreams.STDERR);
            Fd stderrReader = ends.engine(error.reader());
            Fd stderr = ends.child(owned(error.writer(), uid));
            @Nullable Fd stdin = null;
            @Nullable Fd stdinWriter = null;
            if (mode.stdin()) {
                Pipe input = Pipe.open(ProcessStreams.STDIN);
                stdin = ends.child(owned(input.reader(), uid));
                stdinWriter = ends.engine(input.writer());
                if (openInput) {
                    stdin = ends.child(Pipe.reopen(stdin, OpenFlag.READ_WRITE));
                }
            }
            return pipes(ends, stdin, stdinWriter, stdout, stdoutReader, stderr, stderrReader);
        } catch (RuntimeException e) {
            ends.close();
            throw e;
        }
    }

    private static Fd owned(Fd end, long uid) {
        own(end, uid, 0);
        return end;
    }

    @SuppressWarnings("resource") // the handle is a view of a descriptor that somebody else owns
    private static void own(Fd end, long uid, long gid) {
        new FileHandle(end).chown(uid, gid);
    }

    private static StreamSetup pipes(
            Ends ends,
            @Nullable Fd stdin,
            @Nullable Fd stdinWriter,
            Fd stdout,
            Fd stdoutReader,
            Fd stderr,
            Fd stderrReader) {
        ProcessStreams engine = new ProcessStreams(
                List.of(
                        new Output(Stream.STDOUT, new FdChannel(stdoutReader)),
                        new Output(Stream.STDERR, new FdChannel(stderrReader))),
                stdinWriter == null ? null : new FdChannel(stdinWriter),
                null);
        ChildStreams child = new ChildStreams.Pipes(
                Optional.ofNullable(stdin).map(FdArgument::of), FdArgument.of(stdout), FdArgument.of(stderr));
        return new StreamSetup(child, engine, ends.childEnds);
    }

    /**
     * A terminal of a container's own devpts.
     *
     * @param devpts the file system's root
     * @param uid who may open it again
     */
    static StreamSetup terminal(Fd devpts, ContainerUsers users, int uid, @Nullable WindowSize size) {
        Pty pty = Pty.openIn(devpts);
        try {
            if (size != null) {
                pty.resize(new Pty.WindowSize(size.rows(), size.columns()));
            }
            Fd peer = pty.openPeer();
            own(peer, users.outside(uid), users.outside(TTY_GROUP));
            return new StreamSetup(
                    new ChildStreams.Terminal(FdArgument.of(peer)),
                    ProcessStreams.ofTerminal(pty.master()),
                    List.of(peer));
        } catch (RuntimeException e) {
            pty.close();
            throw e;
        }
    }

    ChildStreams child() {
        return child;
    }

    /** The engine's side, which stays this object's until it is taken. */
    ProcessStreams engineSide() {
        return engine;
    }

    /** The engine's side, which is the caller's to close from now on. */
    ProcessStreams takeEngineSide() {
        taken = true;
        return engine;
    }

    /** Closes the child's ends, and the engine's too unless they were taken. */
    @Override
    public void close() {
        childEnds.forEach(Fd::close);
        if (!taken) {
            engine.close();
        }
    }

    /** What has been opened so far, to be closed when the rest fails. */
    private static final class Ends {
        private final List<Fd> childEnds = new ArrayList<>();
        private final List<Fd> engineEnds = new ArrayList<>();

        Fd child(Fd end) {
            childEnds.add(end);
            return end;
        }

        Fd engine(Fd end) {
            engineEnds.add(end);
            return end;
        }

        void close() {
            childEnds.forEach(Fd::close);
            engineEnds.forEach(Fd::close);
        }
    }
}
