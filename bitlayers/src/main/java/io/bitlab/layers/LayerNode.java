package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer.Mode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A layer's declarations, its place in the network, its mode and its observers: what {@link Layer} knows of itself
 * without its subclass.
 */
final class LayerNode {

    private final SequencedMap<String, Layer> children = new LinkedHashMap<>();
    private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
    private final SequencedMap<String, Buffer> buffers = new LinkedHashMap<>();
    private final List<Consumer<Tensor>> observers = new CopyOnWriteArrayList<>();
    private volatile Mode mode = Mode.TRAIN;
    private LayerNode parent; // null for a root
    private String name = "";

    /** The live children by name, in the order of declaration. */
    SequencedMap<String, Layer> children() {
        return children;
    }

    /** The live parameters of this layer alone by name, in the order of declaration. */
    SequencedMap<String, Parameter> parameters() {
        return parameters;
    }

    /** The live buffers of this layer alone by name, in the order of declaration. */
    SequencedMap<String, Buffer> buffers() {
        return buffers;
    }

    /** The live observers of this layer alone. */
    List<Consumer<Tensor>> observers() {
        return observers;
    }

    Mode mode() {
        return mode;
    }

    void enter(Mode next) {
        mode = next;
        parameters.values().forEach(parameter -> parameter.recordGradients(next == Mode.TRAIN));
    }

    /** Adds a child of the layer that this node belongs to. */
    void addChild(Layer owner, String childName, Layer child) {
        requireNewName(owner, childName);
        if (child.layers().containsValue(owner)) {
            throw new IllegalArgumentException("Layer.child: '" + childName + "' would contain itself");
        }
        children.put(childName, child);
        child.node().adoptedBy(this, childName);
    }

    /** Sets parent and name, unless another layer declared this one first. */
    void adoptedBy(LayerNode newParent, String childName) {
        if (parent == null) {
            parent = newParent;
            name = childName;
        }
    }

    /** Adds a parameter of the layer that this node belongs to. */
    void addParameter(Layer owner, String parameterName, Parameter parameter) {
        requireNewName(owner, parameterName);
        parameters.put(parameterName, parameter);
    }

    /** Removes a parameter: it is no longer trained, saved or counted. */
    void removeParameter(String parameterName) {
        parameters.remove(parameterName);
    }

    /** Adds a buffer of the layer that this node belongs to; returns its live values. */
    Tensor addBuffer(Layer owner, String bufferName, Tensor initial) {
        requireNewName(owner, bufferName);
        if (initial.needsGrad()) {
            throw new IllegalArgumentException("Layer.buffer: the initial values of '" + bufferName
                    + "' require gradients, but a buffer isn't trained: declare it with parameter(), or detach() it");
        }
        Buffer buffer = new Buffer(initial);
        buffers.put(bufferName, buffer);
        return buffer.tensor();
    }

    private void requireNewName(Layer owner, String newName) {
        if (newName.isEmpty() || newName.contains(".")) {
            throw new IllegalArgumentException("Layer: '" + newName
                    + "' can't be a name: it must not be empty and must not contain a dot");
        }
        if (children.containsKey(newName) || parameters.containsKey(newName) || buffers.containsKey(newName)) {
            throw new IllegalArgumentException("Layer: the name '" + newName + "' is taken in " + owner.describe());
        }
    }

    /** The names from the root to this layer, joined by dots; empty for a root. */
    String path() {
        return parent == null ? "" : join(parent.path(), name);
    }

    static String join(String path, String lastName) {
        return path.isEmpty() ? lastName : path + "." + lastName;
    }
}
