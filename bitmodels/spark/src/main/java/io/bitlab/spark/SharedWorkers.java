package io.bitlab.spark;

import io.bitlab.models.train.ShardWorker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.util.ArrayDeque;

/**
 * The workers of a JVM as Spark broadcasts them: how they are made, and those that are idle. There are as many as tasks
 * ran at the same time; they go with the broadcast.
 *
 * <p><b>Thread safety:</b> tasks may share one.
 */
final class SharedWorkers implements Serializable {

    private static final long serialVersionUID = 1;

    private final byte[] factory; // by Java's serialisation, since Kryo can't write functions
    private transient volatile ArrayDeque<ShardWorker> idle;

    SharedWorkers(SparkGradientExchange.WorkerFactory factory) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(factory);
        } catch (IOException e) {
            throw new IllegalArgumentException("SparkGradientExchange.of: the factory of workers can't be serialised: "
                    + e + "; let it capture paths and numbers, and make the rest where it runs", e);
        }
        this.factory = bytes.toByteArray();
    }

    /** A worker for one task. */
    ShardWorker take() throws IOException {
        synchronized (this) {
            if (idle == null) {
                idle = new ArrayDeque<>();
            }
            if (!idle.isEmpty()) {
                return idle.pop();
            }
        }
        return create();
    }

    synchronized void giveBack(ShardWorker worker) {
        idle.push(worker);
    }

    private ShardWorker create() throws IOException {
        ClassLoader application = Thread.currentThread().getContextClassLoader();
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(factory)) {
            @Override
            protected Class<?> resolveClass(ObjectStreamClass description) throws ClassNotFoundException {
                return Class.forName(description.getName(), false, application);
            }
        }) {
            return ((SparkGradientExchange.WorkerFactory) in.readObject()).create();
        } catch (ClassNotFoundException e) {
            throw new IOException("SparkGradientExchange: the executor lacks a class of the factory of workers", e);
        }
    }
}
