package io.bitlab.layers;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** A layer's declarations and its place in the network: named children, named parameters, first parent and name. */
final class LayerNode {

    private final SequencedMap<String, Layer> children = new LinkedHashMap<>();
    private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
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

    private void requireNewName(Layer owner, String newName) {
        if (newName.isEmpty() || newName.contains(".")) {
            throw new IllegalArgumentException("Layer: '" + newName
                    + "' can't be a name: it must not be empty and must not contain a dot");
        }
        if (children.containsKey(newName) || parameters.containsKey(newName)) {
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
