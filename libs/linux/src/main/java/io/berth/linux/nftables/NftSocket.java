package io.berth.linux.nftables;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.netlink.Attributes;
import io.berth.linux.netlink.NetfilterSocket;
import io.berth.linux.netlink.NetlinkMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Changes and reads the rulesets of one network namespace: the one it was opened in, whichever thread uses it afterwards. One
 * thread at a time. Needs CAP_NET_ADMIN there.
 *
 * <p>Tables with {@link NftTable.Flag#OWNER} belong to the socket that made them, until it is closed.
 */
public final class NftSocket implements AutoCloseable {
    static final int SUBSYSTEM = 10; // NFNL_SUBSYS_NFTABLES
    private static final int NFT_MSG_NEWTABLE = 0;
    private static final int NFT_MSG_GETTABLE = 1;
    private static final int NFT_MSG_NEWCHAIN = 3;
    private static final int NFT_MSG_GETCHAIN = 4;
    private static final int NFT_MSG_NEWGEN = 15;
    private static final int NFT_MSG_GETGEN = 16;
    private static final int NFTA_GEN_ID = 1;
    private static final int NFTA_TABLE_NAME = 1;
    private static final int NFTA_CHAIN_TABLE = 1;
    private static final int NFTA_CHAIN_NAME = 3;
    private static final int NFTA_CHAIN_HOOK = 4;
    private static final int NFTA_CHAIN_POLICY = 5;
    private static final int NFTA_HOOK_HOOKNUM = 1;
    private static final int ATTEMPTS = 5;

    private final NetfilterSocket socket;

    private NftSocket(NetfilterSocket socket) {
        this.socket = socket;
    }

    /** Opens one in the calling thread's network namespace. */
    public static NftSocket open() {
        return new NftSocket(NetfilterSocket.open("nftables"));
    }

    /** Its port in netlink, by which a {@link NftMonitor} knows this socket's changes from others'. */
    public int port() {
        return socket.port();
    }

    /**
     * Makes all of a batch's changes, or none. Nothing happens when it is empty.
     *
     * @throws SyscallException naming the first command that the kernel refused: ENOENT for something that is not there, EEXIST
     *     for something that is there otherwise, EPERM for a table that another socket owns, EOPNOTSUPP for what the kernel does
     *     not know
     */
    public void commit(NftBatch batch) {
        if (batch.isEmpty()) {
            return;
        }
        List<NftBatch.Command> commands = batch.commands();
        int begin = socket.nextSequences(commands.size() + 2);
        socket.send(batch.encode(begin));
        boolean acknowledged = false;
        for (NetlinkMessage answer : socket.receive()) {
            int index = answer.sequence() - begin - 1;
            if (answer.type() != NetlinkMessage.ERROR || index < -1 || index > commands.size()) {
                continue; // left over
            }
            if (index < 0 || index == commands.size()) {
                NetfilterSocket.check(answer, "nft_commit", commands.size() + " commands");
            } else {
                NftBatch.Command command = commands.get(index);
                NetfilterSocket.check(answer, command.name().name(), command.subject());
            }
            acknowledged |= index == commands.size() - 1;
        }
        if (!acknowledged) {
            throw new SyscallException("nft_commit", commands.size() + " commands, not acknowledged", Errno.EIO);
        }
    }

    /** A number that is another one after each change of the namespace's rulesets, by whomever. */
    public int generation() {
        return request(NFT_MSG_GETGEN, 0, "NFT_MSG_GETGEN", "generation").stream()
                .filter(message -> message.type() == (SUBSYSTEM << Byte.SIZE | NFT_MSG_NEWGEN))
                .map(message ->
                        Integer.reverseBytes(attributes(message).number(NFTA_GEN_ID, 0))) // netfilter's are big-endian
                .findFirst()
                .orElseThrow(() -> new SyscallException("NFT_MSG_GETGEN", "generation", Errno.EIO));
    }

    /** All tables of the namespace, whoever made them. */
    public List<NftTable> tables() {
        List<NftTable> tables = new ArrayList<>();
        for (NetlinkMessage message :
                request(NFT_MSG_GETTABLE, NetlinkMessage.F_DUMP, "NFT_MSG_GETTABLE", "all tables")) {
            if (message.type() == (SUBSYSTEM << Byte.SIZE | NFT_MSG_NEWTABLE)) {
                addTable(message, NFTA_TABLE_NAME, tables);
            }
        }
        return tables;
    }

    /** All chains of the namespace that meet packets, whoever made them. */
    public List<NftChain> baseChains() {
        List<NftChain> chains = new ArrayList<>();
        for (NetlinkMessage message :
                request(NFT_MSG_GETCHAIN, NetlinkMessage.F_DUMP, "NFT_MSG_GETCHAIN", "all chains")) {
            if (message.type() == (SUBSYSTEM << Byte.SIZE | NFT_MSG_NEWCHAIN)) {
                addBaseChain(message, chains);
            }
        }
        return chains;
    }

    /** Adds the chain that a message is about, where it has a hook and a policy that Berth knows. */
    static void addBaseChain(NetlinkMessage message, List<NftChain> chains) {
        List<NftTable> tables = new ArrayList<>();
        addTable(message, NFTA_CHAIN_TABLE, tables);
        Attributes chain = attributes(message);
        int hook = Integer.reverseBytes(chain.nested(NFTA_CHAIN_HOOK).number(NFTA_HOOK_HOOKNUM, -1));
        int policy = Integer.reverseBytes(chain.number(NFTA_CHAIN_POLICY, -1));
        String name = chain.text(NFTA_CHAIN_NAME);
        if (tables.isEmpty() || name == null) {
            return;
        }
        for (BaseChain.Hook known : BaseChain.Hook.values()) {
            for (BaseChain.Policy verdict : BaseChain.Policy.values()) {
                if (known.number() == hook && verdict.verdict() == policy) {
                    chains.add(new NftChain(tables.getFirst(), name, known, verdict));
                }
            }
        }
    }

    private List<NetlinkMessage> request(int message, int flags, String call, String subject) {
        for (int attempt = 1; ; attempt++) {
            try {
                return socket.request(
                        SUBSYSTEM << Byte.SIZE | message,
                        flags,
                        ByteBuffer.allocate(NetfilterSocket.HEADER_SIZE),
                        call,
                        subject);
            } catch (SyscallException e) {
                if (e.errno() != Errno.EAGAIN || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Adds the table that a message is about; nothing for families that Berth does not know. */
    static void addTable(NetlinkMessage message, int nameAttribute, Collection<NftTable> tables) {
        if (message.payload().remaining() < NetfilterSocket.HEADER_SIZE) {
            return;
        }
        int number = message.payload().get(0);
        String name = attributes(message).text(nameAttribute);
        for (NftFamily family : NftFamily.values()) {
            if (family.number() == number && name != null && !name.isEmpty()) {
                tables.add(new NftTable(family, name));
            }
        }
    }

    private static Attributes attributes(NetlinkMessage message) {
        return Attributes.parse(message.reader().order(ByteOrder.nativeOrder()).position(NetfilterSocket.HEADER_SIZE));
    }

    /** Tables that it owns go with it, unless they are to persist. */
    @Override
    public void close() {
        socket.close();
    }
}
