package io.berth.linux.nftables;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.netlink.NetfilterSocket;
import io.berth.linux.netlink.NetlinkMessage;
import java.util.HashSet;
import java.util.Set;

/**
 * Hears of changes to the rulesets of one network namespace, the one it was opened in. One thread at a time.
 *
 * <p>Wait for its descriptor to be readable (it never blocks), then ask for {@link #changes}.
 */
public final class NftMonitor implements AutoCloseable {
    private static final int NFNLGRP_NFTABLES = 7;
    private static final int NFTA_TABLE = 1; // in the messages about tables, chains, rules, sets and elements alike
    private static final int NFT_MSG_NEWGEN = 15;

    /** Holds some thousand messages. */
    private static final int BUFFER_BYTES = 4 * 1024 * 1024;

    private final NetfilterSocket socket;

    private NftMonitor(NetfilterSocket socket) {
        this.socket = socket;
    }

    /**
     * What happened since the last time.
     *
     * @param tables in which others made, changed or deleted something
     * @param lost whether there was more than could be kept, so that any table may have changed
     */
    public record Changes(Set<NftTable> tables, boolean lost) {
        public Changes {
            tables = Set.copyOf(tables);
        }

        /** Whether a table may have changed. */
        public boolean mayConcern(NftTable table) {
            return lost || tables.contains(table);
        }
    }

    /** Opens one in the calling thread's network namespace. */
    public static NftMonitor open() {
        NetfilterSocket socket = NetfilterSocket.open("nftables monitor");
        try {
            socket.subscribe(NFNLGRP_NFTABLES, BUFFER_BYTES);
            return new NftMonitor(socket);
        } catch (SyscallException e) {
            socket.close();
            throw e;
        }
    }

    /** The descriptor to wait for; owned by this object. */
    public Fd fd() {
        return socket.fd();
    }

    /**
     * What others did since the last time; nothing when nothing waits.
     *
     * @param own port of the socket whose changes do not count
     */
    public Changes changes(int own) {
        Set<NftTable> tables = new HashSet<>();
        boolean lost = false;
        while (true) {
            try {
                for (NetlinkMessage message : socket.receive()) {
                    if (message.port() != own
                            && message.type() >>> Byte.SIZE == NftSocket.SUBSYSTEM
                            && (message.type() & 0xFF) != NFT_MSG_NEWGEN) {
                        NftSocket.addTable(message, NFTA_TABLE, tables);
                    }
                }
                return new Changes(tables, lost);
            } catch (SyscallException e) {
                if (e.errno() != Errno.ENOBUFS) {
                    throw e;
                }
                lost = true;
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
