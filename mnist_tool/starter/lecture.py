"""A softmax classifier for MNIST, written out as the lecture does it. Begin here, and change it."""

import random

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms

from mnist_tool import MNIST  # as torchvision.datasets.MNIST; its data always arrives

EPOCHS = 15
BATCH_SIZE = 100
LEARNING_RATE = 0.1


def main() -> None:
    """Train, test, and look at one digit."""
    random.seed(777)
    torch.manual_seed(777)

    # ToTensor makes pixels of 0 to 255 into numbers of 0 to 1.
    train_set = MNIST("MNIST_data", train=True, transform=transforms.ToTensor(), download=True)
    test_set = MNIST("MNIST_data", train=False, transform=transforms.ToTensor(), download=True)
    batches = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True, drop_last=True)

    model = nn.Linear(28 * 28, 10)  # ten templates and ten biases: one of each per digit
    criterion = nn.CrossEntropyLoss()  # holds the softmax
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    for epoch in range(EPOCHS):
        average = torch.zeros(())
        for images, labels in batches:
            optimizer.zero_grad()
            cost = criterion(model(images.view(-1, 28 * 28)), labels)
            cost.backward()
            optimizer.step()
            average += cost.detach() / len(batches)
        print(f"Epoch: {epoch + 1:04d} cost = {average:.9f}")
    print("Learning finished")

    with torch.no_grad():
        pixels = test_set.data.view(-1, 28 * 28).float()
        # As the lecture tests: on 0 to 255, although the weights were trained on 0 to 1.
        share = (model(pixels).argmax(1) == test_set.targets).float().mean()
        print(f"Accuracy: {share:.4f}")
        # As it was trained. The biases count as much as in training now, hence the difference.
        share = (model(pixels / 255).argmax(1) == test_set.targets).float().mean()
        print(f"Accuracy on pixels as trained: {share:.4f}")

        place = random.randint(0, len(test_set) - 1)
        print(f"Test image {place}")
        print(f"Label:  {test_set.targets[place].item()}")
        print(f"Prediction:  {model(pixels[place : place + 1] / 255).argmax().item()}")


if __name__ == "__main__":
    main()
