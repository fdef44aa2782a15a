package io.berth.engine.network;

import java.util.List;

/** Where networks are kept. What a method has returned from survives a kill -9 of the engine. */
public interface NetworkStore {
    List<NetworkSpec> loadAll();

    void insert(NetworkSpec network);

    /** Nothing happens when it is not there. */
    void delete(String id);
}
