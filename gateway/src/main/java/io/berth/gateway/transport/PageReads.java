package io.berth.gateway.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How much one read of a channel takes: as much as others decide, or a page while more than that would be copied for nothing. One
 * channel's own, confined to its event loop.
 */
public final class PageReads implements RecvByteBufAllocator {
    private static final int PAGE = 4096;

    private final RecvByteBufAllocator usual;
    private boolean page;

    PageReads(RecvByteBufAllocator usual) {
        this.usual = usual;
    }

    /** Takes no more than a page at a time from now on, or as much as it usually does. */
    public void only(boolean page) {
        this.page = page;
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own handles are all of this kind
    public Handle newHandle() {
        return new PageHandle((ExtendedHandle) usual.newHandle());
    }

    private final class PageHandle extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle usually;

        PageHandle(ExtendedHandle usually) {
            super(usually);
            this.usually = usually;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator buffers) {
            return page ? buffers.ioBuffer(PAGE) : super.allocate(buffers);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier mayBeMore) {
            return usually.continueReading(mayBeMore);
        }
    }
}
