package io.berth.linux.nftables;

import io.berth.linux.netlink.NetfilterAttributes;
import io.berth.linux.netlink.NetfilterSocket;
import io.berth.linux.netlink.NetlinkMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Changes to rulesets that the kernel makes all together or not at all: packets see the state before or the state after.
 * Collects commands in the order in which they are to happen, and encodes them; one thread at a time.
 *
 * <p>Commands that add are content with what is there already, provided it is the same (except rules, which are added once
 * more). Commands that delete fail with ENOENT when there is nothing; {@link #replaceTable} and {@link #dropTable} do not.
 */
public final class NftBatch {
    private static final int NFNL_MSG_BATCH_BEGIN = 0x10;
    private static final int NFNL_MSG_BATCH_END = 0x11;
    private static final int SUBSYSTEM = 10; // NFNL_SUBSYS_NFTABLES
    private static final int NLM_F_CREATE = 0x400;
    private static final int NLM_F_APPEND = 0x800;

    /** How many bytes of elements go into one message: its list of them is an attribute, which holds 65531. */
    private static final int MOST_ELEMENT_BYTES = 48 * 1024;

    private static final int NFTA_LIST_ELEM = 1;
    private static final int HOST_ORDER = 1; // BYTEORDER_HOST_ENDIAN of nftables' include/datatype.h
    private static final int NETWORK_ORDER = 2;

    private final List<Command> commands = new ArrayList<>();
    private int sets;

    /**
     * One message of a batch.
     *
     * @param name NFT_MSG_* of enum nf_tables_msg_types
     * @param subject what it is about, for the reader
     * @param payload struct nfgenmsg and attributes
     */
    record Command(Name name, String subject, int flags, ByteBuffer payload) {}

    /** enum nf_tables_msg_types. */
    enum Name {
        NFT_MSG_NEWTABLE(0),
        NFT_MSG_DELTABLE(2),
        NFT_MSG_NEWCHAIN(3),
        NFT_MSG_DELCHAIN(5),
        NFT_MSG_NEWRULE(6),
        NFT_MSG_DELRULE(8),
        NFT_MSG_NEWSET(9),
        NFT_MSG_DELSET(11),
        NFT_MSG_NEWSETELEM(12),
        NFT_MSG_DELSETELEM(14);

        private final int number;

        Name(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /** Makes a table, or sets the flags of one that there is: EOPNOTSUPP when that cannot be, or the kernel has no such flags. */
    public NftBatch addTable(NftTable table, Set<NftTable.Flag> flags) {
        int bits = flags.stream().mapToInt(NftTable.Flag::bit).sum();
        return add(
                Name.NFT_MSG_NEWTABLE,
                table,
                table.toString(),
                attributes -> attributes.text(1, table.name()).number(2, bits));
    }

    /** Deletes a table and all that is in it. */
    public NftBatch deleteTable(NftTable table) {
        return delete(Name.NFT_MSG_DELTABLE, table, table.toString(), attributes -> attributes.text(1, table.name()));
    }

    /** Deletes a table, if there is one. */
    public NftBatch dropTable(NftTable table) {
        // Without flags, so that one with any is taken as it is.
        add(Name.NFT_MSG_NEWTABLE, table, table.toString(), attributes -> attributes.text(1, table.name()));
        return deleteTable(table);
    }

    /** Makes a table that is empty, whatever there was; also one that nobody owns any more. */
    public NftBatch replaceTable(NftTable table, Set<NftTable.Flag> flags) {
        return dropTable(table).addTable(table, flags);
    }

    /** Makes a chain that other chains jump to. */
    public NftBatch addChain(NftTable table, String chain) {
        return add(
                Name.NFT_MSG_NEWCHAIN,
                table,
                table + " " + chain,
                attributes -> attributes.text(1, table.name()).text(3, chain));
    }

    /** Makes a chain that packets come to by a hook. */
    public NftBatch addChain(NftTable table, String chain, BaseChain base) {
        return add(
                Name.NFT_MSG_NEWCHAIN,
                table,
                table + " " + chain,
                attributes -> attributes
                        .text(1, table.name())
                        .text(3, chain)
                        .nested(4, hook -> hook.number(1, base.hook().number()).number(2, base.priority()))
                        .number(5, base.policy().verdict())
                        .text(7, base.type().text()));
    }

    /** Deletes a chain, which nothing jumps to any more, with its rules. */
    public NftBatch deleteChain(NftTable table, String chain) {
        return delete(
                Name.NFT_MSG_DELCHAIN,
                table,
                table + " " + chain,
                attributes -> attributes.text(1, table.name()).text(3, chain));
    }

    /** Deletes all rules of a chain. */
    public NftBatch flushChain(NftTable table, String chain) {
        return delete(
                Name.NFT_MSG_DELRULE,
                table,
                table + " " + chain,
                attributes -> attributes.text(1, table.name()).text(2, chain));
    }

    /** Adds a rule at the end of a chain. */
    public NftBatch addRule(NftTable table, String chain, NftRule rule) {
        String subject = table + " " + chain + (rule.comment().isEmpty() ? "" : " \"" + rule.comment() + "\"");
        return add(Name.NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, table, subject, attributes -> {
            attributes.text(1, table.name()).text(2, chain).nested(4, list -> {
                for (Expression expression : rule.expressions()) {
                    list.nested(NFTA_LIST_ELEM, expression::write);
                }
            });
            if (!rule.comment().isEmpty()) {
                attributes.bytes(7, comment(rule.comment())); // NFTA_RULE_USERDATA
            }
        });
    }

    /** As libnftnl stores it (libnftnl/udata.h): u8 type (NFTNL_UDATA_RULE_COMMENT), u8 length, text and NUL. */
    private static ByteBuffer comment(String comment) {
        byte[] text = comment.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(text.length + 3)
                .put((byte) 0)
                .put((byte) (text.length + 1))
                .put(text)
                .put((byte) 0)
                .flip();
    }

    /** Makes a set or map. */
    public NftBatch addSet(NftTable table, NftSet set) {
        int id = ++sets;
        int flags = (set.intervals() ? 0x4 : 0) | (set.isMap() ? 0x8 : 0); // NFT_SET_INTERVAL, NFT_SET_MAP
        return add(Name.NFT_MSG_NEWSET, table, table + " " + set.name(), attributes -> {
            attributes
                    .text(1, table.name())
                    .text(2, set.name())
                    .number(3, flags)
                    .number(4, DataType.code(set.key()))
                    .number(5, DataType.length(set.key()));
            if (set.isMap()) {
                attributes.number(6, DataType.code(set.value()));
                attributes.number(7, DataType.length(set.value()));
            }
            attributes.number(10, id).bytes(13, byteOrders(set)); // NFTA_SET_ID, NFTA_SET_USERDATA
        });
    }

    /** As libnftnl stores it: u8 type (NFTNL_UDATA_SET_KEYBYTEORDER, …DATABYTEORDER), u8 length, u32; nft shows values by it. */
    private static ByteBuffer byteOrders(NftSet set) {
        ByteBuffer orders = ByteBuffer.allocate(12).order(ByteOrder.nativeOrder());
        orders.put((byte) 0).put((byte) Integer.BYTES).putInt(byteOrder(set.key()));
        if (set.isMap() && !set.isVerdictMap()) {
            orders.put((byte) 1).put((byte) Integer.BYTES).putInt(byteOrder(set.value()));
        }
        return orders.flip();
    }

    /** Of a concatenation nft knows none: each of its parts has its type's. */
    private static int byteOrder(List<DataType> types) {
        if (types.size() > 1) {
            return 0;
        }
        return types.getFirst().hostOrder() ? HOST_ORDER : NETWORK_ORDER;
    }

    /** Deletes a set or map, which no rule uses any more. */
    public NftBatch deleteSet(NftTable table, NftSet set) {
        return delete(
                Name.NFT_MSG_DELSET,
                table,
                table + " " + set.name(),
                attributes -> attributes.text(1, table.name()).text(2, set.name()));
    }

    /** Adds elements to a set or map: EEXIST when a key is there with another value. */
    public NftBatch addElements(NftTable table, NftSet set, Collection<NftElement> elements) {
        return elements(Name.NFT_MSG_NEWSETELEM, NLM_F_CREATE, table, set, elements);
    }

    /** Deletes elements: ENOENT when one is missing. */
    public NftBatch deleteElements(NftTable table, NftSet set, Collection<NftElement> elements) {
        return elements(Name.NFT_MSG_DELSETELEM, 0, table, set, elements);
    }

    private NftBatch elements(Name name, int flags, NftTable table, NftSet set, Collection<NftElement> elements) {
        List<ByteBuffer> encoded = new ArrayList<>();
        int bytes = 0;
        for (NftElement element : elements) {
            for (ByteBuffer part : ElementCodec.encode(set, element)) {
                if (bytes + part.remaining() > MOST_ELEMENT_BYTES) {
                    addElementMessage(name, flags, table, set, encoded);
                    encoded.clear();
                    bytes = 0;
                }
                encoded.add(part);
                bytes += part.remaining();
            }
        }
        if (!encoded.isEmpty()) {
            addElementMessage(name, flags, table, set, encoded);
        }
        return this;
    }

    private void addElementMessage(Name name, int flags, NftTable table, NftSet set, List<ByteBuffer> encoded) {
        add(
                name,
                flags,
                table,
                table + " " + set.name() + " (" + encoded.size() + " elements)",
                attributes -> attributes
                        .text(1, table.name())
                        .text(2, set.name())
                        .nested(3, list -> {
                            for (ByteBuffer element : encoded) {
                                list.nested(NFTA_LIST_ELEM, element);
                            }
                        }));
    }

    private NftBatch add(Name name, NftTable table, String subject, Consumer<NetfilterAttributes> content) {
        return add(name, NLM_F_CREATE, table, subject, content);
    }

    private NftBatch delete(Name name, NftTable table, String subject, Consumer<NetfilterAttributes> content) {
        return add(name, 0, table, subject, content);
    }

    private NftBatch add(Name name, int flags, NftTable table, String subject, Consumer<NetfilterAttributes> content) {
        NetfilterAttributes attributes = new NetfilterAttributes();
        content.accept(attributes);
        ByteBuffer encoded = attributes.toBuffer();
        ByteBuffer payload = ByteBuffer.allocate(NetfilterSocket.HEADER_SIZE + encoded.remaining());
        payload.put((byte) table.family().number()).put((byte) 0).putShort((short) 0);
        commands.add(new Command(name, subject, flags, payload.put(encoded).flip()));
        return this;
    }

    public boolean isEmpty() {
        return commands.isEmpty();
    }

    /** In the order in which they were added. In {@link #encode}, the first one's number is one above the begin's. */
    List<Command> commands() {
        return List.copyOf(commands);
    }

    /**
     * The batch as one datagram: its begin, the commands, its end, with consecutive numbers. The last command is
     * acknowledged, so that success is told too.
     *
     * @param firstSequence number of the begin
     */
    ByteBuffer encode(int firstSequence) {
        int size = 2 * (NetlinkMessage.HEADER_SIZE + NetfilterSocket.HEADER_SIZE);
        for (Command command : commands) {
            size += NetlinkMessage.HEADER_SIZE + command.payload().remaining();
        }
        ByteBuffer bytes = ByteBuffer.allocate(size);
        int sequence = firstSequence;
        bytes.put(mark(NFNL_MSG_BATCH_BEGIN, sequence++));
        for (int i = 0; i < commands.size(); i++) {
            Command command = commands.get(i);
            int flags =
                    NetlinkMessage.F_REQUEST | command.flags() | (i == commands.size() - 1 ? NetlinkMessage.F_ACK : 0);
            bytes.put(NetlinkMessage.encode(
                    SUBSYSTEM << Byte.SIZE | command.name().number(), flags, sequence++, command.payload()));
        }
        return bytes.put(mark(NFNL_MSG_BATCH_END, sequence)).flip();
    }

    /** struct nfgenmsg: its resource is the subsystem. */
    private static ByteBuffer mark(int type, int sequence) {
        ByteBuffer payload = ByteBuffer.allocate(NetfilterSocket.HEADER_SIZE).putShort(2, (short) SUBSYSTEM);
        return NetlinkMessage.encode(type, NetlinkMessage.F_REQUEST, sequence, payload);
    }
}
