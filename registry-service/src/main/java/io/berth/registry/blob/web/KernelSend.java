package io.berth.registry.blob.web;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.catalina.Globals;

/**
 * Has Tomcat send a part of a file by sendfile(2), also over a Unix socket: no byte of it enters this process. Tomcat sends after
 * the controller has returned; where the file was removed by then, it breaks the connection off, which the client sees as a
 * body that is too short.
 */
final class KernelSend {
    /** Below this a copy is cheaper than the detour. */
    private static final long MIN_LENGTH = 32 * 1024;

    private KernelSend() {}

    /**
     * Arranges for the body of the response, whose status and headers are the caller's.
     *
     * @return false when the caller has to write the body itself
     */
    static boolean hand(HttpServletRequest request, Optional<Path> file, ByteRange part) {
        if (file.isEmpty()
                || part.length() < MIN_LENGTH
                || !Boolean.TRUE.equals(request.getAttribute(Globals.SENDFILE_SUPPORTED_ATTR))) {
            return false;
        }
        request.setAttribute(Globals.SENDFILE_FILENAME_ATTR, file.get().toString());
        request.setAttribute(Globals.SENDFILE_FILE_START_ATTR, part.first());
        request.setAttribute(Globals.SENDFILE_FILE_END_ATTR, part.first() + part.length());
        return true;
    }
}
