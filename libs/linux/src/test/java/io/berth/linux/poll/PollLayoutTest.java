package io.berth.linux.poll;

import io.berth.linux.launch.NativeTools;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PollLayoutTest {
    @TempDir
    Path directory;

    @Test
    void epollEvent() throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("sizeof(struct epoll_event)", (long) FdPoller.EVENT_SIZE);
        expected.put("offsetof(struct epoll_event, data)", (long) FdPoller.EVENT_DATA);
        expected.put("EPOLLIN", (long) Interest.READABLE.events());
        expected.put("EPOLLOUT", (long) Interest.WRITABLE.events());
        expected.put("EPOLLERR", 8L);
        expected.put("EPOLLHUP", 16L);
        expected.put("EPOLL_CTL_ADD", 1L);
        expected.put("EPOLL_CTL_DEL", 2L);
        expected.put("EPOLL_CTL_MOD", 3L);
        expected.put("EPOLL_CLOEXEC", 0x80000L);
        expected.put("EFD_CLOEXEC | EFD_NONBLOCK", 0x80800L);
        expected.put("O_NONBLOCK", 0x800L);
        expected.put("F_GETFL", 3L);
        expected.put("F_SETFL", 4L);
        NativeTools.compareWithC(directory, List.of("<fcntl.h>", "<sys/epoll.h>", "<sys/eventfd.h>"), expected);
    }
}
