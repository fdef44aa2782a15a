package io.berth.buildkit.session;

import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.wire.SecretsProto.GetSecretRequest;
import io.berth.buildkit.wire.SecretsProto.GetSecretResponse;
import io.berth.buildkit.wire.SessionProto.BytesMessage;
import io.berth.buildkit.wire.SessionProto.CredentialsRequest;
import io.berth.buildkit.wire.SessionProto.CredentialsResponse;
import io.berth.buildkit.wire.SessionProto.FetchTokenRequest;
import io.berth.buildkit.wire.SessionProto.FetchTokenResponse;
import io.berth.buildkit.wire.SshProto.CheckAgentRequest;
import io.berth.buildkit.wire.SshProto.CheckAgentResponse;
import io.berth.buildkit.wire.WireProto.Packet;
import io.grpc.MethodDescriptor;

/** What clients serve on their sessions. The messages of bytes are the same in all these services. */
final class SessionMethods {
    static final MethodDescriptor<Packet, Packet> RECEIVE_TREE = Methods.duplex(
            "moby.filesync.v1.FileSync", "DiffCopy", Packet.getDefaultInstance(), Packet.getDefaultInstance());

    static final MethodDescriptor<BytesMessage, BytesMessage> SEND_FILE = Methods.duplex(
            "moby.filesync.v1.FileSend",
            "DiffCopy",
            BytesMessage.getDefaultInstance(),
            BytesMessage.getDefaultInstance());

    /** The same method: what is sent depends on what the client expects for the export. */
    static final MethodDescriptor<Packet, Packet> SEND_TREE = Methods.duplex(
            "moby.filesync.v1.FileSend", "DiffCopy", Packet.getDefaultInstance(), Packet.getDefaultInstance());

    static final MethodDescriptor<BytesMessage, BytesMessage> PULL = Methods.duplex(
            "moby.upload.v1.Upload", "Pull", BytesMessage.getDefaultInstance(), BytesMessage.getDefaultInstance());

    static final MethodDescriptor<CredentialsRequest, CredentialsResponse> CREDENTIALS = Methods.unary(
            "moby.filesync.v1.Auth",
            "Credentials",
            CredentialsRequest.getDefaultInstance(),
            CredentialsResponse.getDefaultInstance());

    static final MethodDescriptor<FetchTokenRequest, FetchTokenResponse> FETCH_TOKEN = Methods.unary(
            "moby.filesync.v1.Auth",
            "FetchToken",
            FetchTokenRequest.getDefaultInstance(),
            FetchTokenResponse.getDefaultInstance());

    static final MethodDescriptor<GetSecretRequest, GetSecretResponse> GET_SECRET = Methods.unary(
            "moby.buildkit.secrets.v1.Secrets",
            "GetSecret",
            GetSecretRequest.getDefaultInstance(),
            GetSecretResponse.getDefaultInstance());

    static final MethodDescriptor<CheckAgentRequest, CheckAgentResponse> CHECK_AGENT = Methods.unary(
            "moby.sshforward.v1.SSH",
            "CheckAgent",
            CheckAgentRequest.getDefaultInstance(),
            CheckAgentResponse.getDefaultInstance());

    static final MethodDescriptor<BytesMessage, BytesMessage> FORWARD_AGENT = Methods.duplex(
            "moby.sshforward.v1.SSH",
            "ForwardAgent",
            BytesMessage.getDefaultInstance(),
            BytesMessage.getDefaultInstance());

    private SessionMethods() {}
}
