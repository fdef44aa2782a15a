package io.berth.buildkit.transfer;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.berth.buildkit.ClientSession.TransferProgress;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.Tree;
import io.berth.buildkit.TreeEntry;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.wire.WireProto.Packet;
import io.berth.buildkit.wire.WireProto.Packet.PacketType;
import io.berth.linux.fd.FileType;
import io.grpc.StatusException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The sending side of a transfer of a tree; see {@link TreeReceiver}. */
public final class TreeSender {
    private static final int CHUNK_BYTES = 32 * 1024;
    private static final String NOT_REQUESTABLE = "";

    private final Duplex<Packet, Packet> call;
    private final Tree tree;
    private final TransferProgress progress;
    private final AtomicLong counted = new AtomicLong();
    private final List<String> paths = Collections.synchronizedList(new ArrayList<>());

    /**
     * @param call to the client's method, just opened; belongs to the caller
     */
    public TreeSender(Duplex<Packet, Packet> call, Tree tree, TransferProgress progress) {
        this.call = call;
        this.tree = tree;
        this.progress = progress;
    }

    /** Sends the tree; returns when the client has all of it that it wants. */
    public void send() throws IOException, InterruptedException {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        Thread answering = Thread.ofVirtual().name("buildkit-send").start(() -> {
            try {
                answer();
                answered.complete(null);
            } catch (Throwable e) {
                answered.completeExceptionally(e);
                // The walk may be waiting for the client to read.
                call.cancel("transfer failed");
            }
        });
        try {
            tree.walk(this::tell);
            send(Packet.newBuilder().setType(PacketType.PACKET_STAT));
            answered.get();
            progress.transferred(counted.get(), true);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } finally {
            if (!answered.isDone()) {
                call.cancel("transfer abandoned");
                answering.interrupt();
            }
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        return switch (cause) {
            case StatusException e ->
                new SessionException("cannot send files: " + e.getStatus().getDescription(), e);
            case IOException e -> e;
            case null, default -> new IOException("cannot send files", cause);
        };
    }

    private void tell(TreeEntry entry) throws InterruptedException {
        boolean requestable = entry.type() == FileType.REGULAR && entry.link() == null;
        paths.add(requestable ? entry.path() : NOT_REQUESTABLE);
        send(Packet.newBuilder().setType(PacketType.PACKET_STAT).setStat(StatCodec.encode(entry)));
    }

    private void answer() throws IOException, StatusException, InterruptedException {
        while (true) {
            @Nullable Packet packet = call.receive();
            if (packet == null) {
                throw new SessionException("client ended the transfer of files before it was complete");
            }
            switch (packet.getType()) {
                case PACKET_REQ -> content(packet.getID());
                case PACKET_FIN -> {
                    send(Packet.newBuilder().setType(PacketType.PACKET_FIN));
                    call.halfClose();
                    while (call.receive() != null) {
                        throw new SessionException("client went on behind the end of the transfer");
                    }
                    return;
                }
                case PACKET_ERR ->
                    throw new SessionException(
                            "error from receiver: " + packet.getData().toStringUtf8());
                case PACKET_STAT, PACKET_DATA, UNRECOGNIZED ->
                    throw new SessionException("client sent a packet out of turn: " + packet.getTypeValue());
            }
        }
    }

    private void content(int id) throws IOException, InterruptedException {
        String path = id >= 0 && id < paths.size() ? paths.get(id) : NOT_REQUESTABLE;
        if (path.equals(NOT_REQUESTABLE)) {
            throw new SessionException("client asked for a file that there is not");
        }
        try (InputStream content = tree.open(path)) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int count = content.read(chunk); count >= 0; count = content.read(chunk)) {
                if (count == 0) {
                    continue;
                }
                ByteString piece = UnsafeByteOperations.unsafeWrap(Arrays.copyOf(chunk, count));
                if (!send(Packet.newBuilder()
                        .setType(PacketType.PACKET_DATA)
                        .setID(id)
                        .setData(piece))) {
                    return;
                }
            }
        }
        send(Packet.newBuilder().setType(PacketType.PACKET_DATA).setID(id));
    }

    private boolean send(Packet.Builder packet) throws InterruptedException {
        Packet built = packet.build();
        progress.transferred(counted.addAndGet(built.getSerializedSize()), false);
        return call.send(built);
    }
}
