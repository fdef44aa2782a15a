package io.berth.buildkit.control;

import io.berth.buildkit.Client;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of each connection. A call of somebody unknown is refused, and a restricted client's calls but for those
 * that have been thought of. Safe for several threads.
 */
final class Clients implements ServerInterceptor {
    static final Context.Key<Client> CURRENT = Context.key("client");

    /** What a build and the look at one's own builds need; the cache as a whole is others' too. */
    private static final Set<String> RESTRICTED = Set.of(
            ControlService.NAME + "/Solve",
            ControlService.NAME + "/Status",
            ControlService.NAME + "/Session",
            ControlService.NAME + "/ListWorkers",
            ControlService.NAME + "/Info",
            ControlService.NAME + "/ListenBuildHistory",
            ControlService.NAME + "/UpdateBuildHistory",
            GatewayService.NAME + "/Ping",
            GatewayService.NAME + "/Solve",
            GatewayService.NAME + "/Return",
            GatewayService.NAME + "/Inputs",
            GatewayService.NAME + "/Evaluate",
            GatewayService.NAME + "/ResolveImageConfig",
            GatewayService.NAME + "/Warn",
            GatewayService.NAME + "/ReadFile",
            GatewayService.NAME + "/ReadDir",
            GatewayService.NAME + "/StatFile");

    private final Map<SocketAddress, Client> connected = new ConcurrentHashMap<>();

    void put(SocketAddress from, Client client) {
        connected.put(from, client);
    }

    void remove(SocketAddress from) {
        connected.remove(from);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        @Nullable SocketAddress from = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        @Nullable Client client = from == null ? null : connected.get(from);
        if (client == null) {
            return refuse(call, Status.UNAUTHENTICATED.withDescription("it is not known who calls"));
        }
        String method = call.getMethodDescriptor().getFullMethodName();
        if (client.restricted() && !RESTRICTED.contains(method)) {
            return refuse(
                    call,
                    Status.PERMISSION_DENIED.withDescription(
                            method.substring(method.lastIndexOf('/') + 1) + ": only an operator may do this"));
        }
        return Contexts.interceptCall(Context.current().withValue(CURRENT, client), call, headers, next);
    }

    private static <Q, R> ServerCall.Listener<Q> refuse(ServerCall<Q, R> call, Status why) {
        call.close(why, new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
