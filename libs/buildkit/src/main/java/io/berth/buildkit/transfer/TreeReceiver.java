package io.berth.buildkit.transfer;

import io.berth.buildkit.ClientSession.TransferProgress;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.TreeEntry;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.wire.WireProto.Packet;
import io.berth.buildkit.wire.WireProto.Packet.PacketType;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileType;
import io.grpc.StatusException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of a transfer of a tree (tonistiigi/fsutil: receive.go). The client tells of all its files; meanwhile
 * those that are not here are asked for by their numbers, and their contents come in pieces, several files at once. When all
 * are here, both sides say that it is finished.
 */
public final class TreeReceiver {
    /** The client works on a few and queues 128: with more under way, both sides could wait for each other. */
    private static final int MAX_OPEN = 64;

    private final Duplex<Packet, Packet> call;
    private final TransferLimits limits;
    private final TransferProgress progress;
    private final Map<Integer, Incoming> open = new HashMap<>();
    private int entries;
    private long bytes;
    private long counted;
    private boolean allTold;

    private record Incoming(TreeEntry entry, FileHandle file) {}

    /**
     * @param call to the client's method, just opened; belongs to the caller
     */
    public TreeReceiver(Duplex<Packet, Packet> call, TransferLimits limits, TransferProgress progress) {
        this.call = call;
        this.limits = limits;
        this.progress = progress;
    }

    /**
     * Makes a directory like the client's tree. On failure it is somewhere between what it was and that.
     *
     * @param root the directory, which nobody else changes
     * @param incoming an empty directory of the same file system; empty again afterwards unless it fails
     * @param compare whether files that look unchanged are not asked for
     * @return the bytes of all regular files of the tree
     */
    public long receive(Directory root, Directory incoming, boolean compare) throws IOException, InterruptedException {
        try (TreeMirror mirror = new TreeMirror(root, incoming, compare, limits.maxDepth());
                WantedFiles wanted = new WantedFiles(incoming)) {
            while (!allTold || !open.isEmpty() || !wanted.isEmpty()) {
                Packet packet = next();
                switch (packet.getType()) {
                    case PACKET_STAT -> told(packet, mirror, wanted);
                    case PACKET_DATA -> data(packet, mirror);
                    case PACKET_ERR ->
                        throw new SessionException(
                                "error from sender: " + packet.getData().toStringUtf8());
                    case PACKET_FIN, PACKET_REQ, UNRECOGNIZED ->
                        throw new SessionException("client sent a packet out of turn: " + packet.getTypeValue());
                }
                ask(wanted, mirror);
                progress.transferred(counted, false);
            }
            mirror.finish();
            finish();
            progress.transferred(counted, true);
            return bytes;
        } catch (StatusException e) {
            throw new SessionException("cannot receive files: " + e.getStatus().getDescription(), e);
        } catch (SyscallException e) {
            throw new IOException("cannot store the client's files: " + e.getMessage(), e);
        } finally {
            open.values().forEach(file -> file.file().close());
        }
    }

    private Packet next() throws StatusException, InterruptedException, SessionException {
        @Nullable Packet packet = call.receive();
        if (packet == null) {
            throw new SessionException("client ended the transfer of files before it was complete");
        }
        return packet;
    }

    private void told(Packet packet, TreeMirror mirror, WantedFiles wanted) throws IOException {
        if (allTold) {
            throw new SessionException("client sent a file behind the last one");
        }
        if (!packet.hasStat()) {
            allTold = true;
            mirror.endOfEntries();
            return;
        }
        int id = entries++;
        if (entries > limits.maxEntries()) {
            throw new SessionException("client sent more than " + limits.maxEntries() + " files");
        }
        counted += packet.getSerializedSize();
        TreeEntry entry = StatCodec.decode(packet.getStat());
        if (entry.type() == FileType.REGULAR && entry.link() == null) {
            // Said so, not sent: the sum of what is said may be beyond a long.
            if (entry.size() > limits.maxBytes() - bytes) {
                throw tooMuch();
            }
            bytes += entry.size();
        }
        if (mirror.entry(entry)) {
            wanted.add(packet.toBuilder().setID(id).build());
        }
    }

    private void ask(WantedFiles wanted, TreeMirror mirror) throws IOException, InterruptedException {
        while (open.size() < MAX_OPEN && !wanted.isEmpty()) {
            Packet packet = wanted.take();
            int id = packet.getID();
            open.put(id, new Incoming(StatCodec.decode(packet.getStat()), mirror.receive(id)));
            // Where it cannot be sent, the next receive() says why.
            var _ = call.send(
                    Packet.newBuilder().setType(PacketType.PACKET_REQ).setID(id).build());
        }
    }

    private void data(Packet packet, TreeMirror mirror) throws SessionException {
        @Nullable Incoming file = open.get(packet.getID());
        if (file == null) {
            throw new SessionException("client sent content that was not asked for");
        }
        if (packet.getData().isEmpty()) {
            open.remove(packet.getID());
            mirror.received(packet.getID(), file.entry(), file.file());
            return;
        }
        counted += packet.getData().size();
        if (counted > limits.maxBytes()) {
            throw tooMuch();
        }
        byte[] content = packet.getData().toByteArray();
        file.file().write(content, 0, content.length);
    }

    private SessionException tooMuch() {
        return new SessionException("client sent more than " + limits.maxBytes() + " bytes");
    }

    /** The client's answer means that it has nothing more to say. */
    private void finish() throws StatusException, InterruptedException, SessionException {
        var _ = call.send(Packet.newBuilder().setType(PacketType.PACKET_FIN).build());
        if (next().getType() != PacketType.PACKET_FIN) {
            throw new SessionException("client went on behind the end of the transfer");
        }
        call.halfClose();
        while (call.receive() != null) {
            throw new SessionException("client went on behind the end of the transfer");
        }
    }
}
